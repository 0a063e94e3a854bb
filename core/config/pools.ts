import type { ResolvedConfig, ValidatedConfig } from './schema.ts';

/** One entry of `cluster.pools`, as it is written. */
export type PoolEntry = NonNullable<ValidatedConfig['cluster']['pools']>[number];
/** What workers with an engine and a router in front of them do. */
export type PoolRole = Exclude<PoolEntry['role'], 'encode'>;

/** The entry of the pool whose workers have an encoder in place of an engine. */
export type EncodeEntry = PoolEntry & { readonly encode: NonNullable<PoolEntry['encode']> };

type Router = ResolvedConfig['router'];

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
 *
 * Where prompts may be prefilled on decode workers, their router looks at prompts as that of
 * aggregated workers does, and the requests that come from prefill workers ask for the rest.
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
  return cluster.pools?.some(({ role }) => role === 'prefill' || role === 'decode') ?? false;
}

/** The pool that encodes images and the like before their prompts are computed; undefined without. */
export function encodePoolOf({ cluster }: Pick<Poolable, 'cluster'>): EncodeEntry | undefined {
  const entry = cluster.pools?.find(({ role }) => role === 'encode');
  return entry?.encode && { ...entry, encode: entry.encode };
}

/**
 * The pools of a cluster that have engines, prefill before decode: those of `cluster.pools`, or the one that
 * `cluster.workers` makes.
 */
export function poolsOf<Config extends Poolable>(config: Config): readonly PoolConfig<Config>[] {
  const { pools } = config.cluster;
  if (pools === undefined) {
    return [{ name: 'workers', role: 'aggregated', config, entry: undefined }];
  }
  return (['aggregated', 'prefill', 'decode'] as const).flatMap((role) =>
    pools.filter((entry) => entry.role === role).map((entry) => poolOf(config, entry, role)),
  );
}

function poolOf<Config extends Poolable>(
  config: Config,
  entry: PoolEntry,
  role: PoolRole,
): PoolConfig<Config> {
  const { name, workers, gpus_per_worker, groups, gpu = config.cluster.gpu } = entry;
  return {
    name: name ?? role,
    role,
    entry,
    config: {
      ...config,
      cluster: {
        workers,
        gpus_per_worker,
        ...(gpu !== undefined && { gpu }),
        ...(groups !== undefined && { groups }),
      },
      engine: { ...config.engine, ...entry.engine },
      router: withOwn(config.router, role, entry),
    },
  };
}

function withOwn(section: Router, role: PoolRole, { router }: PoolEntry): Router {
  const asks = router?.conditional_disagg_enabled ?? section.conditional_disagg_enabled;
  return { ...section, ...roleRouter(role, asks), ...router };
}

function roleRouter(role: PoolRole, asksWherePrefilled: boolean): Partial<Router> {
  return role === 'decode' && asksWherePrefilled ? {} : ROLE_ROUTER[role];
}

/** The keys of a pool's router that its role decides, unless the pool has them itself. */
export function routerKeysOfRole(role: PoolRole, router: Router): readonly string[] {
  return Object.keys(roleRouter(role, router.conditional_disagg_enabled)).sort();
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
