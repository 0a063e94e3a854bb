import type { Draw } from '../../draw.ts';
import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** What a pool's engine has of its own: other room, another batch, other ranks. */
function ownEngine(flight: Flight, draw: Draw): Readonly<Record<string, unknown>> {
  const blocks = flight.number('engine.num_gpu_blocks', 16_384);
  // A pin to a rank has to name one of every pool.
  const pinned = flight.rows.some(({ routing }) => routing?.dpRank !== undefined);
  const engine = {
    ...(draw.chance(0.4) && { num_gpu_blocks: Math.ceil(blocks * draw.pick([0.7, 1.5, 3])) }),
    ...(draw.chance(0.3) && { max_num_seqs: draw.pick([1, 4, 32]) }),
    ...(!pinned && draw.chance(0.2) && { data_parallel_size: draw.pick([1, 2]) }),
  };
  return Object.keys(engine).length === 0 ? {} : { engine };
}

const handOver: Feature = {
  name: 'prefill apart from decode',
  weight: 3,
  lay(flight, draw) {
    const pool = (role: string) => ({
      role,
      workers: draw.pick([1, 1, 2, 3]),
      ...ownEngine(flight, draw),
    });
    flight.set('cluster.pools', [pool('prefill'), pool('decode')]);
  },
};

const onePool: Feature = {
  name: 'a pool of whole workers',
  weight: 0.5,
  lay(flight, draw) {
    const workers = draw.pick([1, 2, 3]);
    const own = ownEngine(flight, draw);
    flight.set('cluster.pools', [{ name: 'all', role: 'aggregated', workers, ...own }]);
  },
};

export const POOL_ROLE_FEATURES: readonly Feature[] = [handOver, onePool];

/** Whether prompts are computed apart. */
export function isApart({ settings }: Flight): boolean {
  const pools = settings.get('cluster.pools') as readonly { role: string }[] | undefined;
  return pools?.some(({ role }) => role === 'prefill') ?? false;
}
