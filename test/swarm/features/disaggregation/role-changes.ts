import type { Feature } from '../feature.ts';
import { isApart } from './pools.ts';

const roleChange: Feature = {
  name: 'workers that change their role',
  weight: 5,
  fits: isApart,
  lay(flight, draw) {
    const [from, to] = draw.pick([
      ['prefill', 'decode'],
      ['decode', 'prefill'],
    ]);
    flight.set('cluster.schedule', [{ at_ms: draw.between(1, 200), from, to, workers: 1 }]);
  },
};

export const ROLE_FEATURES: readonly Feature[] = [roleChange];
