import { secondsToNs } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { isInformed, type RouterOptions } from '#core/router/options.ts';
import { prefillTimes } from '../engine/timing/prefill-times.ts';
import { compatSwitches } from './compat.ts';

/** What the router tracks and believes beyond KV events and prompts under way. */
export function trackingOptions(config: ResolvedConfig): Partial<RouterOptions> {
  const { router, engine } = config;
  const { use_kv_events, router_approximate_cache_policy, router_predicted_ttl_secs } = router;
  const timed = router.router_prefill_load_model === 'timing';
  const ttlNs = secondsToNs(router.router_ttl_secs);
  const expires = !compatSwitches(config.compat).neverExpires;
  return {
    trackOutputBlocks: router.router_track_output_blocks,
    assumeKvReuse: router.router_assume_kv_reuse,
    ...(timed && { prefillLoad: { model: 'timing', times: prefillTimes(config) } }),
    ...(expires && { requestExpiryNs: secondsToNs(router.router_active_request_expiry_secs) }),
    ...(!use_kv_events && {
      approximate:
        router_approximate_cache_policy === 'ttl'
          ? { policy: 'ttl', ttlNs }
          : { policy: 'lru', capacityBlocks: engine.num_gpu_blocks },
    }),
    ...(router_predicted_ttl_secs !== undefined && {
      predictedTtlNs: secondsToNs(router_predicted_ttl_secs),
    }),
  };
}

/** Whether the router must be told how far requests have generated. */
export function tracksOutput({ router }: ResolvedConfig): boolean {
  const { router_track_active_blocks, router_track_output_blocks } = router;
  return isInformed(router.mode) && router_track_active_blocks && router_track_output_blocks;
}
