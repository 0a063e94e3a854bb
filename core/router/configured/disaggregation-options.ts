import { msToNs } from '#core/base/time.ts';
import type { RouterConfig } from '#core/config/schema.ts';
import type { DisaggregationChoice } from '../disaggregation/options.ts';
import type { RouterOptions } from '../options.ts';

/**
 * How the router of a decode pool decides where prompts are computed; nothing where it is not asked.
 * `prefillBudget`: tokens of a pass of the prefill workers.
 */
export function disaggregationOf(
  router: RouterConfig,
  prefillBudget: number,
): Pick<RouterOptions, 'disaggregation'> {
  if (!router.conditional_disagg_enabled) return {};
  const { conditional_disagg_decode_busy_threshold: decodeBusyThreshold } = router;
  const guard = decodeBusyThreshold === undefined ? {} : { decodeBusyThreshold };
  return { disaggregation: { ...choiceOf(router, prefillBudget), ...guard } };
}

function choiceOf(router: RouterConfig, prefillBudget: number): DisaggregationChoice {
  const bounds = {
    effIslThreshold: router.conditional_disagg_eff_isl_threshold,
    effIslRatioThreshold: router.conditional_disagg_eff_isl_ratio_threshold,
  };
  const {
    conditional_disagg_policy: policy,
    conditional_disagg_prefill_busy_threshold: busyThreshold = router.router_queue_threshold ?? 0,
  } = router;
  const prefillBusyTokens = busyThreshold * prefillBudget;
  switch (policy) {
    case 'isl_bounding':
      return { policy, ...bounds };
    case 'prefill_load':
      return { policy, prefillBusyTokens };
    case 'isl_or_load':
      return { policy, ...bounds, prefillBusyTokens };
    case 'self_tuning':
      return {
        policy,
        intervalNs: msToNs(router.conditional_disagg_tuning_interval_ms),
        leastThreshold: router.conditional_disagg_tuned_least_tokens,
        mostThreshold: router.conditional_disagg_tuned_most_tokens,
      };
    case 'policy':
      return { policy };
  }
}
