import { InputError } from '#core/base/errors.ts';
import { writes } from '#core/config/pool-contradictions.ts';
import { type PoolConfig, poolsOf } from '#core/config/pools.ts';
import { promptLimitOf } from '#core/config/prompt-limit.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';

type Flown = Pick<LoadedTrace, 'path' | 'batches' | 'requests'>;

/** Refuses a flight in which every single request of the trace would be turned away. */
export function refuseUnserved(trace: Flown, config: ResolvedConfig): void {
  if (trace.requests === 0) return;
  for (const pool of poolsOf(config)) {
    refuseUnnamed(trace, pool, config);
    refuseTooLong(trace, pool, config);
  }
}

/** Where requests choose their worker themselves, one of them has to. */
function refuseUnnamed({ path, batches }: Flown, pool: PoolConfig, config: ResolvedConfig): void {
  if (pool.config.router.mode !== 'direct') return;
  const names = batches.some(({ routing }) => {
    return routing.some((wishes) => wishes?.backendInstanceId !== undefined);
  });
  if (names) return;
  const why = `no request of ${path} names its worker (backend_instance_id), and this mode serves no others`;
  throw new InputError('config_invalid', `impossible: ${why}`, {
    path: placeOf('router.mode', pool, config),
    received: 'direct',
    remedy: 'set another mode, such as kv_router or round_robin',
  });
}

/** A prompt that no worker could take is turned away; not all of them may be. */
function refuseTooLong({ path, batches }: Flown, pool: PoolConfig, config: ResolvedConfig): void {
  const mayPassBy = poolsOf(config).some(({ config: { router } }) => {
    return router.conditional_disagg_enabled;
  });
  if (pool.role === 'prefill' && mayPassBy) return;
  const limit = promptLimitOf(pool.config.engine);
  const shortest = batches.reduce((least, { inputTokens, count }) => {
    return inputTokens.subarray(0, count).reduce((a, b) => Math.min(a, b), least);
  }, Number.POSITIVE_INFINITY);
  if (shortest <= limit.tokens) return;
  const why = `the shortest prompt of ${path} has ${shortest} tokens, more than ${limit.what}`;
  const [section, key] = limit.path.split('.') as ['engine', keyof ResolvedConfig['engine']];
  throw new InputError('config_invalid', `impossible: ${why}`, {
    path: placeOf(limit.path, pool, config),
    received: pool.config[section][key],
    remedy: limit.remedy,
  });
}

/** Where a key is written for a pool: its own, or the section's. */
function placeOf(path: string, { entry }: PoolConfig, { cluster }: ResolvedConfig): string {
  if (entry === undefined || !writes(entry, path)) return path;
  return `cluster.pools[${cluster.pools!.indexOf(entry)}].${path}`;
}
