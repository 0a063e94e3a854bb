import assert from 'node:assert/strict';
import type { Law } from './law.ts';

/** No worker has more blocks in use than it has, and in the end nobody keeps any. */
export const blocksConserved: Law = {
  name: 'blocks are conserved',
  hold({ leap: { result, config } }) {
    for (const { name, firstTarget, targets, totalKvBlocks } of result.pools) {
      const tallies = result.tallies.slice(firstTarget, firstTarget + targets);
      for (const { kvPeakBlocks } of tallies) {
        assert(kvPeakBlocks <= totalKvBlocks, `a worker of ${name} used ${kvPeakBlocks} blocks`);
      }
    }
    if (config.simulation.max_sim_time_ms !== undefined) return;
    for (const [target, share] of result.kvUsedAtEnd.entries()) {
      assert.equal(share, 0, `target ${target} keeps blocks that nobody uses`);
    }
  },
};
