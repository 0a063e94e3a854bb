import type { Feature } from '../feature.ts';

const closedLoop: Feature = {
  name: 'a closed loop',
  fits: ({ rows }) => rows.every(({ after }) => after === undefined),
  lay(flight, draw) {
    flight.set('workload.concurrency', draw.between(1, draw.pick([3, 10])));
  },
};

const cap: Feature = {
  name: 'a cap on the open loop',
  lay(flight, draw) {
    flight.set('workload.max_concurrency', draw.between(1, draw.pick([3, 10])));
  },
};

export const LOOP_FEATURES: readonly Feature[] = [closedLoop, cap];
