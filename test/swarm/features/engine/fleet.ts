import type { Feature } from '../feature.ts';

const workers: Feature = {
  name: 'workers',
  always: true,
  lay: (flight, draw) => flight.set('cluster.workers', draw.pick([1, 1, 1, 2, 2, 3, 4, 9])),
};

const ranks: Feature = {
  name: 'ranks of data-parallel attention',
  lay: (flight, draw) => flight.set('engine.data_parallel_size', draw.pick([2, 2, 3, 4])),
};

const gpus: Feature = {
  name: 'workers of several GPUs',
  weight: 0.3,
  lay: (flight, draw) => flight.set('cluster.gpus_per_worker', draw.pick([2, 8])),
};

export const FLEET_FEATURES: readonly Feature[] = [workers, ranks, gpus];
