import { resolveServe, withCapacities } from '#core/config/serve/resolve-serve.ts';
import { parseConfigText } from '#core/config/source.ts';
import { type OpenedLiveRouter, openLiveRouter } from '#live/routing/open-live-router.ts';
import type { RouteAsk } from '#live/routing/route-ask.ts';
import { ManualClock } from './manual-clock.ts';

/** A live router that no socket belongs to, its clock and its journals so far. */
export interface TestRouter extends OpenedLiveRouter {
  readonly clock: ManualClock;
  /** The bytes of a pool's journal; `flush` or `finish` first. */
  journalOf(pool: string): Uint8Array;
}

/**
 * Opens the router of a `serve.yaml`; its engines, with blocks of 4 tokens, are there. `tap` sees each
 * piece of a journal first, and may throw.
 */
export function openTestRouter(text: string, tap?: () => void): TestRouter {
  const { value, place } = parseConfigText(text, 'serve.yaml');
  const config = resolveServe(value, place);
  const capacity = { blockSize: 4, numGpuBlocks: 100, maxNumBatchedTokens: 64 };
  const run = withCapacities(config, {
    aggregated: capacity,
    prefill: capacity,
    decode: capacity,
  });
  const clock = new ManualClock();
  const chunks = new Map<string, Uint8Array[]>();
  const opened = openLiveRouter({
    run,
    knowsBlocks: true,
    seed: config.seed,
    secret: 0x0123_4567_89ab_cdefn,
    clock,
    timers: clock,
    journal: {
      origin: { program: 'test' },
      sink: (chunk, pool) => {
        tap?.();
        chunks.set(pool, [...(chunks.get(pool) ?? []), chunk]);
      },
    },
  });
  for (const { name, backend, url, role, data_parallel_size: dpSize } of config.engines) {
    opened.router.addEngine({ name, backend, url, role, dpSize });
  }
  return { ...opened, clock, journalOf: (pool) => Buffer.concat(chunks.get(pool) ?? []) };
}

/** A request of 4 tokens a block that asks for nothing in particular. */
export function askOf(hashes: readonly bigint[], more: Partial<RouteAsk> = {}): RouteAsk {
  return {
    prompt: { inputTokens: 4 * hashes.length + 1, hashes },
    outputTokens: 0,
    priority: 0,
    strictPriority: 0,
    task: 'generate',
    ...more,
  };
}

/** A signal that never aborts. */
export const NEVER: AbortSignal = new AbortController().signal;
