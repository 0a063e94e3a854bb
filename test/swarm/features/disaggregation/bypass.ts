import type { Feature } from '../feature.ts';
import { isApart } from './pools.ts';

const bypass: Feature = {
  name: 'prompts that stay with whoever decodes',
  weight: 4,
  fits: isApart,
  lay(flight, draw) {
    const policies = ['isl_bounding', 'prefill_load', 'isl_or_load', 'self_tuning'];
    flight.setAll('router', {
      conditional_disagg_enabled: true,
      conditional_disagg_policy: draw.pick(policies),
      conditional_disagg_eff_isl_threshold: draw.pick([0, 10, 40]),
      conditional_disagg_eff_isl_ratio_threshold: draw.pick([0.1, 0.7, 1]),
      conditional_disagg_prefill_busy_threshold: draw.pick([0.001, 0.1, 1]),
      conditional_disagg_tuning_interval_ms: draw.pick([5, 50]),
      conditional_disagg_tuned_least_tokens: draw.pick([0, 5]),
      conditional_disagg_tuned_most_tokens: draw.pick([20, 200]),
    });
    if (draw.chance(0.3)) {
      flight.set('router.conditional_disagg_decode_busy_threshold', draw.pick([0.1, 0.8]));
    }
  },
};

export const BYPASS_FEATURES: readonly Feature[] = [bypass];
