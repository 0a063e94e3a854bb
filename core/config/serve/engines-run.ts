import { resolveConfig } from '../resolve.ts';
import type { ResolvedConfig } from '../schema.ts';
import type { ConfigPlace } from '../source.ts';
import { type Capacities, type EngineCapacity, runOfServe } from './run-of-serve.ts';
import type { ParsedServeConfig } from './serve-schema.ts';

/** A router that has been judged, before anybody knew what its engines say of themselves. */
type JudgedRouter = Pick<ResolvedConfig, 'router' | 'compat'>;

/** A run of engines that have said what they are, behind a router that was judged before. */
export function engineRun(
  config: Pick<ParsedServeConfig, 'engines' | 'seed'>,
  judged: JudgedRouter,
  capacities: Capacities,
  how: {
    /** Adds to what stands for the engines what somebody has written of them. */
    readonly extend?: (run: ReturnType<typeof runOfServe>) => Readonly<Record<string, unknown>>;
    readonly place?: ConfigPlace;
  } = {},
): ResolvedConfig {
  const { extend = (run) => run, place = {} } = how;
  const run = resolveConfig(
    extend(runOfServe(config, {}, judgeable(config, capacities))),
    [],
    place,
  );
  const { router, compat } = judged;
  return { ...withBudgets(run, capacities), router, compat };
}

/**
 * Passes of SGLang go by its chunks, and a run refuses it another budget unless its router counts
 * with that. What an engine says of itself is a fact, and is refused for no router's sake.
 */
function judgeable(
  { engines }: Pick<ParsedServeConfig, 'engines'>,
  capacities: Capacities,
): Capacities {
  if (engines.some(({ backend }) => backend !== 'sglang')) return capacities;
  const withoutBudget = ({ maxNumBatchedTokens: _, ...rest }: EngineCapacity) => rest;
  return Object.fromEntries(
    Object.entries(capacities).map(([role, one]) => [role, withoutBudget(one)]),
  );
}

/** The budgets of a pass that routers count with, whatever the engine. */
function withBudgets(run: ResolvedConfig, capacities: Capacities): ResolvedConfig {
  const { engine, cluster } = run;
  const budgetOf = (one: EngineCapacity | undefined) =>
    one?.maxNumBatchedTokens !== undefined && { max_num_batched_tokens: one.maxNumBatchedTokens };
  if (cluster.pools === undefined) {
    return { ...run, engine: { ...engine, ...budgetOf(capacities.aggregated) } };
  }
  const pools = cluster.pools.map((pool) =>
    pool.role === 'encode'
      ? pool
      : { ...pool, engine: { ...pool.engine, ...budgetOf(capacities[pool.role]) } },
  );
  return { ...run, cluster: { ...cluster, pools } };
}
