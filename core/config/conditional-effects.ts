import { conditionalDisagg } from './conditional-disagg.ts';
import type { EffectRule } from './ineffective-key.ts';

/** All that says where prompts are prefilled. */
export const CONDITIONAL_KEYS: readonly string[] = Object.keys(conditionalDisagg)
  .sort()
  .map((key) => `router.${key}`);

const ENABLED = 'router.conditional_disagg_enabled';

/** What decides where prompts are prefilled, and reads not all of it. */
export const CONDITIONAL_RULES: readonly EffectRule[] = [
  {
    paths: CONDITIONAL_KEYS.filter((path) => path !== ENABLED),
    idle: ({ router }) => !router.conditional_disagg_enabled,
    why: 'no request is asked where its prompt is prefilled',
    remedy: `leave it out, or set ${ENABLED} to true`,
  },
  {
    paths: [
      'router.conditional_disagg_eff_isl_threshold',
      'router.conditional_disagg_eff_isl_ratio_threshold',
    ],
    idle: ({ router: { conditional_disagg_policy: policy } }) =>
      policy !== 'isl_bounding' && policy !== 'isl_or_load',
    why: 'the policy does not go by the length of what is left to prefill',
    remedy: 'leave it out, or set router.conditional_disagg_policy to isl_bounding or isl_or_load',
  },
  {
    paths: ['router.conditional_disagg_prefill_busy_threshold'],
    idle: ({ router: { conditional_disagg_policy: policy } }) =>
      policy !== 'prefill_load' && policy !== 'isl_or_load',
    why: 'the policy has no threshold for the load of prefill workers',
    remedy: 'leave it out, or set router.conditional_disagg_policy to prefill_load or isl_or_load',
  },
  {
    paths: [
      'router.conditional_disagg_tuning_interval_ms',
      'router.conditional_disagg_tuned_least_tokens',
      'router.conditional_disagg_tuned_most_tokens',
    ],
    idle: ({ router }) => router.conditional_disagg_policy !== 'self_tuning',
    why: 'only thresholds that tune themselves read it',
    remedy: 'leave it out, or set router.conditional_disagg_policy to self_tuning',
  },
  {
    paths: ['router.conditional_disagg_decode_busy_threshold'],
    idle: ({ router }) => !router.router_track_active_blocks,
    why: 'blocks of requests under way are not tracked',
    remedy: 'leave it out, or set router.router_track_active_blocks to true',
  },
];
