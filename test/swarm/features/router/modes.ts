import type { Feature } from '../feature.ts';

const mode: Feature = {
  name: 'a router mode',
  always: true,
  lay(flight, draw) {
    const simple = ['round_robin', 'random', 'power_of_two', 'least_loaded'];
    flight.set('router.mode', draw.chance(0.8) ? 'kv_router' : draw.pick(simple));
  },
};

const direct: Feature = {
  name: 'requests that name their worker',
  weight: 0.3,
  lay(flight, draw) {
    const workers = flight.number('cluster.workers', 4);
    const ranks = flight.number('engine.data_parallel_size', 1);
    flight.set('router.mode', 'direct');
    flight.mapRows((row) => {
      if (draw.chance(0.1)) return row;
      const backendInstanceId = draw.between(0, workers);
      return { ...row, routing: { backendInstanceId, dpRank: draw.between(0, ranks - 1) } };
    });
  },
};

const devices: Feature = {
  name: 'workers on other devices',
  weight: 0.3,
  fits: (flight) => flight.number('cluster.workers', 4) > 1,
  lay(flight, draw) {
    const workers = flight.number('cluster.workers', 4);
    const count = draw.between(1, workers - 1);
    flight.set('router.mode', 'device_aware_weighted');
    flight.set('cluster.groups', [{ count, device: 'cpu' }, { count: workers - count }]);
    if (draw.chance(0.5)) flight.set('router.encoder_cuda_to_cpu_ratio', draw.pick([0.5, 2, 20]));
  },
};

export const MODE_FEATURES: readonly Feature[] = [mode, direct, devices];
