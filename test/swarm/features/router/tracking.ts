import type { Feature } from '../feature.ts';

const output: Feature = {
  name: 'a router that tracks output',
  lay(flight, draw) {
    flight.set('router.router_track_output_blocks', true);
    if (draw.chance(0.5)) flight.set('router.agent_hints_osl', true);
  },
};

const untracked: Feature = {
  name: 'a router that tracks less',
  lay(flight, draw) {
    const keys = ['router_track_active_blocks', 'router_track_prefill_tokens'];
    for (const key of draw.some(keys, 0.6)) flight.set(`router.${key}`, false);
    if (draw.chance(0.5)) flight.set('router.router_assume_kv_reuse', false);
  },
};

const decay: Feature = {
  name: 'prompts that count for less with time',
  lay: (flight) => flight.set('router.router_prefill_load_model', 'timing'),
};

const expiry: Feature = {
  name: 'requests that expire in the router',
  weight: 0.7,
  lay: (flight, draw) => {
    flight.set('router.router_active_request_expiry_secs', draw.pick([0.005, 0.05, 0.5]));
  },
};

export const TRACKING_FEATURES: readonly Feature[] = [output, untracked, decay, expiry];
