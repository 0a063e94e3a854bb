import type { Draw } from '../../draw.ts';
import type { Feature } from '../feature.ts';
import { isApart } from './pools.ts';

/** Links so narrow that transfers meet on them, and some so wide that they never do. */
function capacity(draw: Draw): number {
  return draw.pick([0.1, 1, 8, 400]);
}

function latencyUs(draw: Draw): number {
  return draw.pick([0, 2, 700]);
}

const sharedLinks: Feature = {
  name: 'links that transfers share',
  weight: 4,
  fits: isApart,
  lay(flight, draw) {
    flight.set('network.mode', 'shared');
    if (!flight.has('kv_transfer.bytes_per_token')) {
      flight.set('kv_transfer.bytes_per_token', draw.pick([1_000, 100_000]));
    }
    if (draw.chance(0.6)) flight.settings.delete('kv_transfer.bandwidth_gb_s');
    flight.set('network.gpus_per_node', draw.pick([1, 2, 8]));
  },
};

const fabric: Feature = {
  name: 'links inside a node',
  weight: 3,
  fits: (flight) => flight.has('network.mode'),
  lay(flight, draw) {
    const kind = draw.pick(['nvlink', 'pcie']);
    flight.set('network.node_fabric', kind);
    flight.set(`network.${kind}_gb_s`, capacity(draw));
    flight.set(`network.${kind}_latency_us`, latencyUs(draw));
  },
};

const cards: Feature = {
  name: 'cards that leave a node',
  weight: 3,
  fits: (flight) => flight.has('network.mode'),
  lay(flight, draw) {
    flight.set('network.nic', draw.pick(['gpu', 'node', 'node', 'none']));
    flight.set('network.nic_gb_s', capacity(draw));
    flight.set('network.nic_latency_us', latencyUs(draw));
  },
};

const racks: Feature = {
  name: 'racks and zones',
  weight: 3,
  fits: (flight) => flight.has('network.mode'),
  lay(flight, draw) {
    flight.set('network.nodes_per_rack', draw.pick([1, 2]));
    flight.set('network.rack_gb_s', capacity(draw));
    if (draw.chance(0.5)) flight.set('network.rack_latency_us', latencyUs(draw));
    if (draw.chance(0.4)) return;
    flight.set('network.racks_per_zone', 1);
    flight.set('network.zone_gb_s', capacity(draw));
    if (draw.chance(0.5)) flight.set('network.zone_latency_us', latencyUs(draw));
  },
};

export const NETWORK_FEATURES: readonly Feature[] = [sharedLinks, fabric, cards, racks];
