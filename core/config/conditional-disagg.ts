import { z } from 'zod';
import { count, describe, duration, share, weight } from './describe.ts';

/** Keys of the section router that say where prompts are prefilled; the decode pool's router reads them. */
export const conditionalDisagg = {
  conditional_disagg_enabled: describe(z.boolean().default(false), {
    effect:
      'Each request is asked whether its prompt goes to the prefill pool or is prefilled on its decode worker; decode workers then publish KV events.',
    source: 'Dynamo --router-conditional-disagg',
  }),
  conditional_disagg_policy: describe(
    z
      .enum(['isl_bounding', 'prefill_load', 'isl_or_load', 'self_tuning', 'policy'])
      .default('isl_bounding'),
    {
      effect:
        'Which prompts the decode worker prefills: short remainders, those that would meet a busy prefill worker, either, as thresholds that tune themselves say, or as router.policy says.',
      source: 'Dynamo --router-conditional-disagg-config policy',
    },
  ),
  conditional_disagg_eff_isl_threshold: describe(count(0).default(2048), {
    effect: 'A short remainder has fewer prompt tokens that the decode worker has not cached.',
    unit: 'tokens',
    source: 'Dynamo --router-conditional-disagg-config eff_isl_threshold',
  }),
  conditional_disagg_eff_isl_ratio_threshold: describe(share().default(0.7), {
    effect: 'And they are less than this part of the prompt; 1 asks only that a block is cached.',
    source: 'Dynamo --router-conditional-disagg-config eff_isl_ratio_threshold',
  }),
  conditional_disagg_prefill_busy_threshold: describe(weight().exactOptional(), {
    effect:
      'A prefill worker is busy with more prompt tokens under way than this part of its max_num_batched_tokens.',
    unit: '× max_num_batched_tokens',
    source: 'Dynamo --router-conditional-disagg-config prefill_busy_threshold',
    whenAbsent: 'router_queue_threshold counts',
  }),
  conditional_disagg_decode_busy_threshold: describe(share().exactOptional(), {
    effect:
      'No prompt is prefilled on a decode worker of whose KV blocks more than this part would then be in use.',
    unit: '× num_gpu_blocks',
    source: 'Dynamo --router-conditional-disagg-config decode_busy_threshold',
    whenAbsent: 'no such guard',
  }),
  conditional_disagg_tuning_interval_ms: describe(duration().positive().default(500), {
    effect: 'How often self_tuning moves with the load of prefill and decode workers.',
    unit: 'ms',
  }),
  conditional_disagg_tuned_least_tokens: describe(count(0).default(0), {
    effect: 'The least that the threshold of self_tuning may be.',
    unit: 'tokens',
  }),
  conditional_disagg_tuned_most_tokens: describe(count(0).default(65_536), {
    effect: 'The most that the threshold of self_tuning may be.',
    unit: 'tokens',
  }),
};
