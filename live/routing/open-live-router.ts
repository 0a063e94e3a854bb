import { InputError } from '#core/base/errors.ts';
import { openStream } from '#core/base/random.ts';
import { NS_PER_HOUR } from '#core/base/time.ts';
import { type PoolConfig, poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { headerLine, type JournalOrigin } from '#core/journal/header-lines.ts';
import { LineWriter } from '#core/journal/line-writer.ts';
import { RecordingRouter } from '#core/journal/recording-router.ts';
import { configuredOptions } from '#core/router/configured/configured-options.ts';
import type { RouterHabits } from '#core/router/configured/router-habits.ts';
import type { RouterOptions } from '#core/router/options.ts';
import { Router } from '#core/router/router.ts';
import type { UserPolicies } from '#core/router/user-policies.ts';
import type { Clock, Timers } from '../clock.ts';
import { EngineRoster } from './engine-roster.ts';
import { JourneyTable } from './journey-table.ts';
import { LiveBlocks } from './live-blocks.ts';
import { LiveRouter } from './live-router.ts';
import type { PlacementWatch } from './placement-watch.ts';
import { RouterPool } from './router-pool.ts';

/** Where the journals of a live router go, one for the router of each pool. */
export interface LiveJournal {
  readonly origin: JournalOrigin;
  /** Takes the next piece of a journal, which ends with a line. */
  readonly sink: (chunk: Uint8Array<ArrayBuffer>, pool: string) => void;
}

/** What a live router is opened with. */
export interface LiveRouterSettings {
  /** The run that it stands for, see `core/config/serve`; its engines join later. */
  readonly run: ResolvedConfig;
  /** Whether `engine.num_gpu_blocks` of the run is what engines have, or a default. */
  readonly knowsBlocks: boolean;
  readonly seed: number;
  /** 64 random bits, see `LiveForest`. */
  readonly secret: bigint;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly policies?: UserPolicies;
  readonly journal?: LiveJournal;
  /** Looks on while requests are sent to engines. */
  readonly watch?: PlacementWatch;
}

/** A live router, and what its journals want. */
export interface OpenedLiveRouter {
  readonly router: LiveRouter;
  /** Hands over the lines of the journals that were written since. */
  flush(): void;
  /** Writes the last lines of the journals; no fact may follow. */
  finish(): void;
}

/** As the tunnel's router without the habits of another release. */
const HABITS: RouterHabits = {
  neverExpires: false,
  keepsOverlaps: false,
  leavesClassEarly: false,
  prefillTimes: () => {
    throw new InputError('config_invalid', 'nobody knows how long real engines take for a prompt', {
      path: 'router.router_prefill_load_model',
      remedy: 'leave it out',
    });
  },
};

/** Opens a router for the engines of a run; they join and leave by `addEngine` and `removeEngine`. */
export function openLiveRouter(settings: LiveRouterSettings): OpenedLiveRouter {
  const { run, secret, clock, journal, watch } = settings;
  const roster = new EngineRoster();
  const blocks = new LiveBlocks(roster, secret);
  const poolConfigs = poolsOf(run);
  const idleNs = poolConfigs
    .map(({ config }) => optionsOf(config, 'aggregated', settings).sessionAffinityTtlNs ?? 0)
    .reduce((longest, ttlNs) => Math.max(longest, ttlNs), NS_PER_HOUR);
  const blockSize = poolConfigs[0]!.config.engine.block_size;
  const journeys = new JourneyTable(blocks, blockSize, () => clock.nowNs(), idleNs);
  const opened = poolConfigs.map((pool) => openPool(pool, settings, blocks, journeys));
  const pools = opened.map(({ pool }) => pool);
  const keepsJournal = journal !== undefined;
  const parts = { pools, roster, blocks, journeys, clock, keepsJournal };
  const router = new LiveRouter({ ...parts, ...(watch && { watch }) });
  return {
    router,
    flush: () => {
      for (const { writer } of opened) writer?.flush();
    },
    finish: () => {
      router.stop();
      for (const { recorder } of opened) recorder?.finish();
    },
  };
}

interface OpenedPool {
  readonly pool: RouterPool;
  readonly writer?: LineWriter;
  readonly recorder?: RecordingRouter;
}

function openPool(
  { name, role, config }: PoolConfig,
  settings: LiveRouterSettings,
  { forest }: LiveBlocks,
  journeys: JourneyTable,
): OpenedPool {
  const { seed, policies, journal, clock, timers } = settings;
  const suffix = role === 'aggregated' ? '' : `.${role}`;
  const stream = `router.selection${suffix}`;
  const options = optionsOf(config, role, settings);
  const router = new Router(options, forest, openStream(seed, stream), forest, policies);
  const shared = { role, options, router, clock, timers };
  if (journal === undefined) return { pool: new RouterPool({ ...shared, machine: router }) };
  const writer = new LineWriter((chunk) => journal.sink(chunk, name));
  const ofPool = role === 'aggregated' ? {} : { pool: name };
  const { unitBlocks } = forest;
  writer.line(
    headerLine({ ...journal.origin, ...ofPool, seed, stream, router: options, unitBlocks }),
  );
  const recorder = new RecordingRouter(router, forest, writer, journeys.describe);
  return { pool: new RouterPool({ ...shared, machine: recorder }), writer, recorder };
}

/** Targets join one by one and are described then. */
function optionsOf(
  config: ResolvedConfig,
  role: PoolConfig['role'],
  { run, knowsBlocks }: LiveRouterSettings,
): RouterOptions {
  const prefill = poolsOf(run).find((pool) => pool.role === 'prefill');
  const budget = prefill?.config.engine.max_num_batched_tokens ?? 0;
  const { attributes, totalKvBlocks, ...rest } = configuredOptions(config, role, budget, HABITS);
  const { ranks = 1 } = rest;
  const total = knowsBlocks && totalKvBlocks !== undefined ? { totalKvBlocks } : {};
  return { ...rest, ...total, targets: 0, ...(ranks > 1 && { ranks }) };
}
