import type { Feature } from '../feature.ts';

const recordedRate: Feature = {
  name: 'a recorded rate',
  weight: 0.7,
  lay(flight, draw) {
    const arrivals = draw.pick(['recorded', 'poisson', 'constant']);
    flight.set('workload.arrivals', arrivals);
    flight.settings.delete('workload.request_rate');
    flight.set('workload.rate_shape', {
      type: 'recorded',
      file: 'recorded.csv',
      rate_ratio: draw.pick([1, 3]),
      speedup_ratio: draw.pick([1, 2]),
    });
    flight.rateWindows = Array.from({ length: draw.between(1, 4) }, (_, window) => ({
      startS: window / 10,
      durationS: 0.1,
      ratePerS: window > 0 && draw.chance(0.2) ? 0 : draw.pick([20, 100]),
      cv: draw.pick([0.5, 1, 2]),
      family: draw.pick(['gamma', 'weibull'] as const),
      shape: draw.pick([0.5, 1, 2]),
      scaleS: 0.01,
    }));
  },
};

export const RECORDED_FEATURES: readonly Feature[] = [recordedRate];
