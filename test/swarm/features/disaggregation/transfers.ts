import type { Feature } from '../feature.ts';
import { isApart } from './pools.ts';

/** Bytes a nanosecond are GB/s: so much that a prompt takes some milliseconds, or next to nothing. */
const timed: Feature = {
  name: 'transfers that take time',
  weight: 5,
  fits: isApart,
  lay(flight, draw) {
    flight.set('kv_transfer.bytes_per_token', draw.pick([1_000, 100_000, 1_000_000]));
    flight.set('kv_transfer.bandwidth_gb_s', draw.pick([0.5, 4, 100]));
    if (draw.chance(0.4)) flight.set('kv_transfer.timing_mode', 'destination_missing');
  },
};

const order: Feature = {
  name: 'another order of hand-off',
  weight: 2,
  fits: isApart,
  lay: (flight, draw) => {
    flight.set('kv_transfer.order', draw.pick(['source_first', 'destination_first']));
  },
};

const streaming: Feature = {
  name: 'caches that are streamed',
  weight: 3,
  fits: (flight) => flight.has('kv_transfer.bytes_per_token'),
  lay(flight, draw) {
    const by = draw.pick(['chunks', 'layers']);
    flight.settings.delete('kv_transfer.order');
    flight.set('kv_transfer.streaming', by);
    if (by === 'layers') flight.set('kv_transfer.num_layers', draw.pick([1, 4, 80]));
  },
};

export const TRANSFER_FEATURES: readonly Feature[] = [timed, order, streaming];
