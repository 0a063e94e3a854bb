import type { Draw } from '../../draw.ts';
import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** Few items, so that requests share some, or so many that hardly any comes twice. */
function giveItems(flight: Flight, draw: Draw): void {
  const kinds = draw.pick([2, 8, 1_000]);
  const most = draw.between(1, 4);
  flight.mapRows((row) => {
    const items = Array.from({ length: draw.between(0, most) }, () => draw.between(1, kinds));
    return items.length === 0 ? row : { ...row, media: [...new Set(items)] };
  });
}

const encoders: Feature = {
  name: 'images that are encoded before',
  weight: 1.5,
  lay(flight, draw) {
    giveItems(flight, draw);
    const whole = [{ role: 'aggregated', workers: flight.number('cluster.workers', 4) }];
    const pools = (flight.settings.get('cluster.pools') ?? whole) as readonly unknown[];
    const sends = !flight.has('network.mode') && draw.chance(0.4);
    if (sends && !flight.has('kv_transfer.bandwidth_gb_s')) {
      flight.set('kv_transfer.bandwidth_gb_s', draw.pick([0.5, 100]));
    }
    const encode = {
      ms_per_item: draw.pick([0.5, 7, 40]),
      ...(draw.chance(0.4) && { base_ms: draw.pick([1, 15]) }),
      ...(draw.chance(0.6) && { batch_items: draw.pick([2, 8]) }),
      ...(draw.chance(0.6) && { cache_items: draw.pick([0, 1, 3]) }),
      ...(sends && { bytes_per_item: draw.pick([1e5, 2e7]) }),
    };
    const pool = { role: 'encode', workers: draw.between(1, 3), encode };
    flight.set('cluster.pools', [...pools, pool]);
  },
};

export const ENCODE_FEATURES: readonly Feature[] = [encoders];
