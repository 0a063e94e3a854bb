import type { Feature } from '../feature.ts';

const guessing: Feature = {
  name: 'a router without KV events',
  lay(flight, draw) {
    flight.set('router.use_kv_events', false);
    if (draw.chance(0.4)) flight.set('router.router_approximate_cache_policy', 'lru');
    else if (draw.chance(0.7)) flight.set('router.router_ttl_secs', draw.pick([0, 0.1, 1]));
  },
};

const predicting: Feature = {
  name: 'a router that believes what it has sent',
  lay: (flight, draw) => {
    flight.set('router.router_predicted_ttl_secs', draw.pick([0, 0.05, 0.5, 120]));
  },
};

const late: Feature = {
  name: 'KV events that come late',
  lay: (flight, draw) => flight.set('router.kv_event_lag_ms', draw.pick([1, 7, 100])),
};

export const BELIEF_FEATURES: readonly Feature[] = [guessing, predicting, late];
