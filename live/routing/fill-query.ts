import { PINNED_WORKER_NOT_ALLOWED } from '#core/router/decisions.ts';
import type { RouteOverrides } from '#core/router/route-terms.ts';
import type { EngineRoster } from './engine-roster.ts';
import type { Journey } from './journey.ts';
import { needsRank, refusalOf } from './refusal.ts';
import type { RouteAsk } from './route-ask.ts';
import type { RouterPool } from './router-pool.ts';
import { termsOfAsk } from './terms-of-ask.ts';

/**
 * Puts into a journey's query what it asks of the router of this pool. Throws a `RouteRefused` where
 * it names a worker that cannot be meant.
 */
export function fillQuery(
  journey: Journey,
  pool: RouterPool,
  roster: EngineRoster,
  overrides: RouteOverrides,
): void {
  const { query, ask, session } = journey;
  const { options, classNames, terms } = pool;
  query.pinnedTarget = pinOf(ask, pool, roster);
  const readsSessions = options.mode === 'policy' || options.sessionAffinityTtlNs !== undefined;
  query.session = readsSessions && session !== undefined ? session.number : -1;
  const className = ask.policyClass ?? ask.tenant;
  query.policyClass = className === undefined ? -1 : (classNames?.numberOf(className) ?? -1);
  query.terms = terms.take(termsOfAsk(ask, roster, overrides));
  if (query.terms >= 0) journey.terms.push([pool, query.terms]);
}

/** The target that the request names in this pool, −1 = none. */
function pinOf({ pin, prefillPin }: RouteAsk, pool: RouterPool, roster: EngineRoster): number {
  for (const named of [pin, prefillPin]) {
    if (named === undefined) continue;
    const engine = roster.find(named.worker);
    if (engine === undefined) throw refusalOf(PINNED_WORKER_NOT_ALLOWED, undefined);
    if (engine.role !== pool.role) continue;
    const { rank } = named;
    const fits = rank === undefined ? engine.dpSize === 1 : rank >= 0 && rank < engine.dpSize;
    if (!fits) throw needsRank(engine.name, engine.dpSize);
    return engine.target + (rank ?? 0);
  }
  return -1;
}
