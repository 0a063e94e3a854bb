import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

/** Blocks that the largest request of the traffic needs, without what it resends. */
function largestBlocks(flight: Flight): number {
  const tokens = flight.rows.map(({ input, output }) => input + output);
  return Math.ceil(Math.max(...tokens) / flight.number('engine.block_size', 1));
}

/** Room for everybody, until another feature takes it away. */
const roomyPool: Feature = {
  name: 'blocks',
  always: true,
  lay(flight, draw) {
    const sizes = flight.is('engine.backend', 'sglang') ? [1, 2, 4, 16] : [2, 4, 4, 16];
    flight.set('engine.block_size', draw.pick(sizes));
    flight.set('engine.num_gpu_blocks', largestBlocks(flight) * draw.between(3, 30) + 8);
  },
};

const tightPool: Feature = {
  name: 'a tight pool',
  weight: 4,
  lay(flight, draw) {
    const room = draw.pick([1, 1, 1.3, 2]);
    flight.set(
      'engine.num_gpu_blocks',
      Math.ceil(largestBlocks(flight) * room) + draw.between(0, 3),
    );
  },
};

const tinyPool: Feature = {
  name: 'a pool too small for some',
  weight: 0.7,
  lay(flight, draw) {
    const share = draw.pick([0.2, 0.5, 0.9]);
    flight.set('engine.num_gpu_blocks', Math.max(1, Math.floor(largestBlocks(flight) * share)));
  },
};

/** Long answers that begin side by side on one worker, which has blocks for few of their ends. */
const pressure: Feature = {
  name: 'answers that outgrow the pool together',
  weight: 2,
  lay(flight, draw) {
    flight.set('cluster.workers', 1);
    flight.mapRows((row) => {
      const answers = row.client?.task === undefined;
      return answers ? { ...row, output: row.output + draw.between(5, 60) } : row;
    });
    const room = largestBlocks(flight) * draw.pick([1.1, 1.6, 2.5]);
    flight.set('engine.num_gpu_blocks', Math.ceil(room));
  },
};

export const POOL_FEATURES: readonly Feature[] = [roomyPool, tightPool, tinyPool, pressure];
