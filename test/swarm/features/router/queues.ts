import type { Feature } from '../feature.ts';

/** Thresholds as a part of what passes compute, so that somebody waits. */
const queue: Feature = {
  name: 'a queue in the router',
  weight: 1.5,
  lay(flight, draw) {
    const budget = flight.number('engine.max_num_batched_tokens', 8192);
    const threshold = draw.pick([0, 2, 8, 30]) / budget;
    flight.set('router.router_queue_threshold', threshold);
    flight.set('router.router_queue_policy', draw.pick(['fcfs', 'lcfs', 'wspt']));
    if (draw.chance(0.4)) {
      flight.set('router.router_overlap_refresh_after_secs', draw.pick([0, 0.005, 0.05]));
    }
  },
};

const classes: Feature = {
  name: 'policy classes',
  lay(flight, draw) {
    const busy = () => ({ prefill_busy_threshold: draw.pick([0, 8, 40]) });
    const limits = () => ({
      ...(draw.chance(0.4) && { request_queue_limit_per_worker: draw.between(0, 3) }),
      ...(draw.chance(0.3) && { raw_isl_token_queue_limit_per_worker: draw.between(0, 60) }),
      ...(draw.chance(0.3) && { cached_token_queue_limit_per_worker: draw.between(0, 30) }),
    });
    const order = () => ({ queue_policy: draw.pick(['fcfs', 'lcfs', 'wspt']) });
    const family = (name: string, policy_family: string) => ({
      name,
      policy_family,
      cache_bucket: 'all',
      quantum: draw.pick([1, 5, 40]),
      ...busy(),
      ...limits(),
      ...order(),
    });
    const profile = {
      default_policy_family: 'standard',
      uncached_isl_buckets: [{ min_tokens: 0, bucket: 'all' }],
      policy_classes: [
        { name: 'vip', quantum: 40, ...busy(), ...order() },
        family('std', 'standard'),
        family('rest', 'bulk'),
      ],
    };
    const byModel = draw.chance(0.3);
    flight.set('router.router_policy_config', byModel ? { models: { m: profile } } : profile);
    if (byModel) flight.set('router.router_policy_model', 'm');
    const names = ['vip', 'bulk', 'unheard-of'];
    flight.mapRows((row) => (draw.chance(0.5) ? { ...row, policyClass: draw.pick(names) } : row));
  },
};

export const QUEUE_FEATURES: readonly Feature[] = [queue, classes];
