import type { RouteOverrides, RouteTerms } from '#core/router/route-terms.ts';
import type { EngineRoster } from './engine-roster.ts';
import type { RouteAsk, WorkerPin } from './route-ask.ts';

/**
 * What a request asks of a router beyond the cheapest target, in the router's words. Engines that
 * nobody knows are left out of lists: who allows only such allows nobody.
 */
export function termsOfAsk(
  ask: RouteAsk,
  roster: EngineRoster,
  further: RouteOverrides = {},
): RouteTerms {
  const { allowedWorkers, excludedWorkers, requiredTaints, preferredTaints, loraName } = ask;
  const overrides = { ...ask.overrides, ...further };
  const asksMore = Object.values(overrides).some((value) => value !== undefined);
  return {
    ...(allowedWorkers !== undefined && { allowedWorkers: numbersOf(allowedWorkers, roster) }),
    ...(excludedWorkers !== undefined &&
      excludedWorkers.length > 0 && { excludedWorkers: numbersOf(excludedWorkers, roster) }),
    ...(requiredTaints !== undefined && requiredTaints.length > 0 && { requiredTaints }),
    ...(preferredTaints !== undefined && { preferredTaints }),
    ...(loraName !== undefined && { loraAdapter: loraName }),
    ...(asksMore && { overrides }),
  };
}

function numbersOf(
  workers: readonly WorkerPin['worker'][],
  roster: EngineRoster,
): readonly number[] {
  const numbers = workers.flatMap((worker) => roster.find(worker)?.worker ?? []);
  return [...new Set(numbers)].sort((a, b) => a - b);
}
