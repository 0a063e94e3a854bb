import { InputError } from '#core/base/errors.ts';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import type { Capacities, EngineCapacity } from '#core/config/serve/run-of-serve.ts';
import type { Timers } from '../clock.ts';
import { discoverEngine, type EngineCapacity as ToldCapacity } from '../engines/discover.ts';
import type { EngineSettings } from '../engines/engine-settings.ts';
import { pause } from './pause.ts';

/** Between two attempts to reach an engine, at first and at most. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** What engines of a role have in common by the least of each. */
const COUNTS = ['blockSize', 'numGpuBlocks', 'maxNumBatchedTokens', 'chunkedPrefillSize'] as const;

/** An engine that answers, with what it says of itself. */
export interface FoundEngine {
  readonly entry: EngineEntry;
  readonly told: ToldCapacity;
}

export interface ScoutOptions {
  readonly settings: ReadonlyMap<string, EngineSettings>;
  readonly timers: Timers;
  readonly signal: AbortSignal;
}

/** Asks an engine until it answers; undefined when the signal aborts before. */
export async function scoutEngine(
  entry: EngineEntry,
  { settings, timers, signal }: ScoutOptions,
): Promise<FoundEngine | undefined> {
  const own = settings.get(entry.name);
  let pauseMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    const told = await discoverEngine(entry, { ...(own && { settings: own }), signal }).catch(
      () => undefined,
    );
    if (told !== undefined) return { entry, told };
    await pause(timers, pauseMs, signal);
    pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * pauseMs);
  }
  return undefined;
}

/**
 * What engines have in common, by role: the least of what each says. Throws `config_invalid` where
 * two have blocks of different sizes, or the config names another size than the engine.
 */
export function capacitiesOf(found: readonly FoundEngine[]): Capacities {
  const byRole: Partial<Record<EngineEntry['role'], EngineCapacity>> = {};
  let first: FoundEngine | undefined;
  for (const one of found) {
    const { entry, told } = one;
    const blockSize = blockSizeOf(one);
    first ??= blockSize === undefined ? undefined : one;
    refuseOtherBlocks(one, first);
    byRole[entry.role] = least(byRole[entry.role], {
      ...(blockSize !== undefined && { blockSize }),
      ...known('numGpuBlocks', entry.num_gpu_blocks ?? told.numGpuBlocks),
      ...known('maxNumBatchedTokens', entry.max_num_batched_tokens ?? told.maxNumBatchedTokens),
      ...known('chunkedPrefillSize', told.chunkedPrefillSize),
    });
  }
  return byRole;
}

/** Tokens of an engine's blocks, as it says or as the config does; the two must agree. */
export function blockSizeOf({ entry, told }: FoundEngine): number | undefined {
  const { block_size: written, name } = entry;
  if (written === undefined || told.blockSize === undefined || written === told.blockSize) {
    return written ?? told.blockSize;
  }
  throw new InputError('config_invalid', `engine ${name} has blocks of another size`, {
    path: 'engines.block_size',
    received: written,
    allowed: `${told.blockSize}, as the engine says`,
    remedy: 'leave block_size out, or start the engine with that size',
  });
}

/** Throws where an engine's blocks are not those of another one. */
export function refuseOtherBlocks(one: FoundEngine, other: FoundEngine | undefined): void {
  const [size, expected] = [blockSizeOf(one), other && blockSizeOf(other)];
  if (size === undefined || expected === undefined || size === expected) return;
  throw new InputError('config_invalid', 'engines have blocks of different sizes', {
    path: 'engines',
    received: `${one.entry.name} has ${size} tokens, ${other?.entry.name} has ${expected}`,
    allowed: 'one block size for all engines: prompts are cut into blocks once',
    remedy: 'start them with the same block size, or serve them by two routers',
  });
}

function known<Key extends keyof EngineCapacity>(
  key: Key,
  value: number | undefined,
): Pick<EngineCapacity, Key> | Record<string, never> {
  return value === undefined ? {} : ({ [key]: value } as Pick<EngineCapacity, Key>);
}

function least(before: EngineCapacity | undefined, now: EngineCapacity): EngineCapacity {
  if (before === undefined) return now;
  const both = COUNTS.flatMap((key): [string, number][] => {
    const values = [before[key], now[key]].filter((value) => value !== undefined);
    return values.length === 0 ? [] : [[key, Math.min(...values)]];
  });
  return Object.fromEntries(both);
}
