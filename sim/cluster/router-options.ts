import type { PoolRole } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { configuredOptions } from '#core/router/configured/configured-options.ts';
import type { RouterOptions } from '#core/router/options.ts';
import { prefillTimes } from '../engine/timing/prefill-times.ts';
import { compatSwitches } from './compat.ts';

/**
 * What the router in front of a pool of a run is told at its start; `prefillBudget` are the tokens of
 * a pass of the workers of the prefill pool, where there is one.
 */
export function routerOptions(
  config: ResolvedConfig,
  role: PoolRole,
  prefillBudget = 0,
): RouterOptions {
  const { neverExpires, keepsOverlaps, leavesClassEarly } = compatSwitches(config.compat);
  return configuredOptions(config, role, prefillBudget, {
    neverExpires,
    keepsOverlaps,
    leavesClassEarly,
    prefillTimes: () => prefillTimes(config),
  });
}
