import type { Feature } from '../feature.ts';

const timeLimit: Feature = {
  name: 'traffic that stops at a time',
  weight: 0.5,
  lay(flight, draw) {
    flight.set('workload.duration_s', draw.pick([0.02, 0.1, 0.5]));
  },
};

const firstRequests: Feature = {
  name: 'only the first requests',
  weight: 0.5,
  lay(flight, draw) {
    flight.set('workload.num_requests', draw.between(1, 15));
  },
};

const warmUp: Feature = {
  name: 'a warm-up',
  lay(flight, draw) {
    if (draw.chance(0.7)) flight.set('workload.warmup_requests', draw.between(1, 10));
    if (draw.chance(0.5)) flight.set('workload.warmup_s', draw.pick([0.01, 0.05, 0.3]));
  },
};

export const PART_FEATURES: readonly Feature[] = [timeLimit, firstRequests, warmUp];
