import type { Feature } from '../feature.ts';

const compat: Feature = {
  name: 'habits of Dynamo 1.6',
  lay: (flight) => flight.set('compat', 'dynamo-1.6'),
};

const cutOff: Feature = {
  name: 'a run that is cut off',
  weight: 0.7,
  lay: (flight, draw) => flight.set('simulation.max_sim_time_ms', draw.pick([1, 20, 100, 400])),
};

export const HABIT_FEATURES: readonly Feature[] = [compat, cutOff];
