import type { Feature } from '../feature.ts';

const weights: Feature = {
  name: 'other weights of the cost',
  lay(flight, draw) {
    const keys = {
      overlap_score_credit: draw.pick([0, 0.5, 2]),
      overlap_score_credit_decay: draw.pick([0, 0.5, 3]),
      prefill_load_scale: draw.pick([0, 0.5, 2]),
      decode_active_request_weight: draw.pick([0, 0.5, 3]),
    };
    const chosen = draw.some(Object.entries(keys), 0.6);
    flight.setAll('router', Object.fromEntries(chosen));
  },
};

const oldCost: Feature = {
  name: 'the cost of an older release',
  weight: 0.5,
  lay(flight, draw) {
    flight.set('router.cost_model', 'v1.0');
    if (draw.chance(0.5)) flight.set('router.overlap_score_weight', draw.pick([0, 0.5, 2]));
  },
};

const withoutTerm: Feature = {
  name: 'a cost without one of its terms',
  weight: 0.5,
  lay(flight, draw) {
    flight.set('router.cost_without', draw.pick(['prefill_load', 'active_blocks']));
  },
};

const temperature: Feature = {
  name: 'a choice by temperature',
  lay: (flight, draw) => flight.set('router.router_temperature', draw.pick([0.1, 1, 5])),
};

export const COST_FEATURES: readonly Feature[] = [weights, oldCost, withoutTerm, temperature];
