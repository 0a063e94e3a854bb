import type { Feature } from '../feature.ts';

const prefillLimit: Feature = {
  name: 'workers overloaded by prompts',
  lay(flight, draw) {
    const tokens = draw.pick([0, 10, 40, 200]);
    if (draw.chance(0.5)) {
      flight.set('router.active_prefill_tokens_threshold', tokens);
      return;
    }
    const budget = flight.number('engine.max_num_batched_tokens', 8192);
    flight.set('router.active_prefill_tokens_threshold_frac', tokens / budget);
  },
};

const decodeLimit: Feature = {
  name: 'workers overloaded by blocks',
  lay: (flight, draw) => {
    flight.set('router.active_decode_blocks_threshold', draw.pick([0.1, 0.5, 0.9]));
  },
};

const affinity: Feature = {
  name: 'sessions that stay with their worker',
  lay: (flight) => flight.set('router.router_session_affinity_ttl_secs', 1),
};

export const LIMIT_FEATURES: readonly Feature[] = [prefillLimit, decodeLimit, affinity];
