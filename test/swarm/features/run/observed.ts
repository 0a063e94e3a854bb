import type { Feature } from '../feature.ts';

const timeline: Feature = {
  name: 'a run recorded over time',
  lay(flight, draw) {
    flight.timelineStepMs = draw.pick([1, 10, 100]);
  },
};

const objectives: Feature = {
  name: 'objectives',
  lay(flight, draw) {
    if (draw.chance(0.3)) flight.set('slo.e2e_ms', draw.pick([20, 200]));
    else {
      flight.set('slo.ttft_ms', draw.pick([5, 50]));
      if (draw.chance(0.7)) flight.set('slo.itl_ms', draw.pick([2, 10]));
    }
  },
};

export const OBSERVED_FEATURES: readonly Feature[] = [timeline, objectives];
