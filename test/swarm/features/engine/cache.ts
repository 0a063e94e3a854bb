import type { Feature } from '../feature.ts';

const noCache: Feature = {
  name: 'no prefix cache',
  lay: (flight) => flight.set('engine.enable_prefix_caching', false),
};

const eviction: Feature = {
  name: 'another order of eviction',
  lay: (flight, draw) => flight.set('engine.kv_eviction_policy', draw.pick(['fifo', 'multi_lru'])),
};

export const CACHE_FEATURES: readonly Feature[] = [noCache, eviction];
