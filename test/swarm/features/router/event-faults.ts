import type { Feature } from '../feature.ts';

const lost: Feature = {
  name: 'KV events that get lost',
  lay: (flight, draw) => flight.set('router.kv_event_loss_ratio', draw.pick([0.05, 0.3, 1])),
};

const twice: Feature = {
  name: 'KV events that come twice',
  lay: (flight, draw) => flight.set('router.kv_event_duplicate_ratio', draw.pick([0.05, 0.3, 1])),
};

export const EVENT_FAULT_FEATURES: readonly Feature[] = [lost, twice];
