import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** Whether nothing else says when requests arrive. */
function followsTrace(flight: Flight): boolean {
  return !flight.has('workload.arrivals');
}

const RATES = [5, 40, 100, 400];

const randomGaps: Feature = {
  name: 'arrivals at random',
  fits: followsTrace,
  lay(flight, draw) {
    const arrivals = draw.pick(['poisson', 'gamma', 'weibull', 'constant']);
    flight.set('workload.arrivals', arrivals);
    flight.set('workload.request_rate', draw.pick(RATES));
    if (arrivals === 'gamma') flight.set('workload.burstiness', draw.pick([0.2, 1, 4]));
    if (arrivals === 'weibull') flight.set('workload.arrival_cv', draw.pick([0.5, 1, 2.5]));
  },
};

const changingRate: Feature = {
  name: 'a rate that changes',
  lay(flight, draw) {
    if (followsTrace(flight)) flight.set('workload.arrivals', 'poisson');
    flight.settings.delete('workload.request_rate');
    const shapes = [
      { type: 'ramp', from_rps: draw.pick([0, 20]), to_rps: draw.pick(RATES), duration_s: 0.2 },
      { type: 'sine', mean_rps: 80, amplitude_rps: draw.pick([20, 80]), period_s: 0.2 },
      {
        type: 'steps',
        steps: [
          [0, draw.pick([0, 100])],
          [0.1, draw.pick([0, 300])],
          [0.2, draw.pick(RATES)],
        ],
      },
    ];
    flight.set('workload.rate_shape', draw.pick(shapes));
  },
};

const fasterTrace: Feature = {
  name: 'a trace played faster',
  lay(flight, draw) {
    flight.set('workload.arrival_speedup_ratio', draw.pick([0.3, 2, 5, 50]));
  },
};

const jitter: Feature = {
  name: 'arrival jitter',
  lay: (flight) => flight.set('workload.arrival_jitter', true),
};

const burst: Feature = {
  name: 'everybody at once',
  lay(flight) {
    flight.mapRows((row) => ('atMs' in row ? { ...row, atMs: 0 } : row));
  },
};

export const ARRIVAL_FEATURES: readonly Feature[] = [
  randomGaps,
  changingRate,
  fasterTrace,
  jitter,
  burst,
];
