import { secondsToNs } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { RouterOptions } from '../options.ts';
import type { RouterHabits } from './router-habits.ts';

/** What the router tracks and believes beyond KV events and prompts under way. */
export function trackingOptions(
  { router, engine }: ResolvedConfig,
  habits: RouterHabits,
): Partial<RouterOptions> {
  const { use_kv_events, router_approximate_cache_policy, router_predicted_ttl_secs } = router;
  const timed = router.router_prefill_load_model === 'timing';
  const ttlNs = secondsToNs(router.router_ttl_secs);
  return {
    trackOutputBlocks: router.router_track_output_blocks,
    assumeKvReuse: router.router_assume_kv_reuse,
    ...(timed && { prefillLoad: { model: 'timing', times: habits.prefillTimes() } }),
    ...(!habits.neverExpires && {
      requestExpiryNs: secondsToNs(router.router_active_request_expiry_secs),
    }),
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
