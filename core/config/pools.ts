import type { ResolvedConfig, ValidatedConfig } from './schema.ts';

/** One entry of `cluster.pools`, as it is written. */
export type PoolEntry = NonNullable<ValidatedConfig['cluster']['pools']>[number];
export type PoolRole = PoolEntry['role'];

/** The parts of a config that a pool may have its own of. */
type Poolable = Pick<ValidatedConfig, 'cluster' | 'engine'> & {
  readonly router: ResolvedConfig['router'];
};

/** A pool as its parts see it. */
export interface PoolConfig<Config extends Poolable = ResolvedConfig> {
  readonly name: string;
  readonly role: PoolRole;
  /** The config of the run as if the pool were all of it: its workers, its engine, its router. */
  readonly config: Config;
  /** Where the entry stands in `cluster.pools`; undefined = the pool is `cluster.workers`. */
  readonly entry: PoolEntry | undefined;
}

/**
 * What a role makes of the router in front of it, before the pool's own keys: prefill workers hold
 * prompts for a moment, so their blocks are no load; a decode worker computes no prompt, takes its
 * KV cache from elsewhere, and shares none of it.
 * Source: Dynamo lib/mocker replay derive_{prefill,decode}_router_config (reference/router.md §7).
 */
const ROLE_ROUTER: Readonly<Record<PoolRole, Partial<ResolvedConfig['router']>>> = {
  aggregated: {},
  prefill: { router_track_active_blocks: false },
  decode: {
    overlap_score_credit: 0,
    router_assume_kv_reuse: false,
    router_track_prefill_tokens: false,
    router_prefill_load_model: 'none',
  },
};

/** Whether prompts are computed apart from tokens. */
export function isDisaggregated({ cluster }: Poolable): boolean {
  return cluster.pools?.some(({ role }) => role !== 'aggregated') ?? false;
}

/**
 * The pools of a cluster, prefill before decode: those of `cluster.pools`, or the one that
 * `cluster.workers` makes.
 */
export function poolsOf<Config extends Poolable>(config: Config): readonly PoolConfig<Config>[] {
  const { pools } = config.cluster;
  if (pools === undefined) {
    return [{ name: 'workers', role: 'aggregated', config, entry: undefined }];
  }
  return ['aggregated', 'prefill', 'decode'].flatMap((role) =>
    pools.filter((entry) => entry.role === role).map((entry) => poolOf(config, entry)),
  );
}

function poolOf<Config extends Poolable>(config: Config, entry: PoolEntry): PoolConfig<Config> {
  const { name, role, workers, gpus_per_worker, groups } = entry;
  return {
    name: name ?? role,
    role,
    entry,
    config: {
      ...config,
      cluster: { workers, gpus_per_worker, ...(groups !== undefined && { groups }) },
      engine: { ...config.engine, ...entry.engine },
      router: { ...config.router, ...ROLE_ROUTER[role], ...entry.router },
    },
  };
}

/** The keys of the router that a role decides, unless the pool has them itself. */
export function routerKeysOfRole(role: PoolRole): readonly string[] {
  return Object.keys(ROLE_ROUTER[role]).sort();
}

/** All schedulers of a cluster: its workers, and each rank of those with data-parallel attention. */
export function schedulersOf(config: Poolable): number {
  return poolsOf(config).reduce((schedulers, { config: { cluster, engine } }) => {
    return schedulers + cluster.workers * engine.data_parallel_size;
  }, 0);
}

/** All GPUs of a cluster. */
export function gpusOf(config: Poolable): number {
  return poolsOf(config).reduce((gpus, { config: { cluster } }) => {
    return gpus + cluster.workers * cluster.gpus_per_worker;
  }, 0);
}
