import type { WorkerSample } from '../worker-sample.ts';
import { leapBlocks } from './leap-ahead.ts';
import type { WorkerState } from './worker-state.ts';

/**
 * What a rank is and has done when `ended` passes of the leap that is under way have ended. Between
 * two passes nothing changes; from the passes of a leap follows what stepping would have shown: each
 * gave every decoding request a token, and each that began after one took its blocks.
 */
export function probe(rank: WorkerState, ended: number, sample: WorkerSample): void {
  const { pool, tally, batch } = rank;
  sample.running = rank.running.count;
  sample.waiting = rank.waiting.size;
  sample.kvUsedBlocks = pool.active;
  sample.kvCachedBlocks = pool.inactive;
  sample.prefillTokens = tally.prefillTokens;
  sample.outputTokens = tally.outputTokens;
  sample.busyNs = tally.busyNs;
  if (ended === 0) return;
  const blocks = leapBlocks(rank, ended + 1);
  sample.kvUsedBlocks += blocks;
  sample.kvCachedBlocks -= Math.max(0, blocks - pool.free);
  sample.outputTokens += batch.size * ended;
  if (rank.prefilling >= 0) sample.prefillTokens += rank.shape.prefillTokens * ended;
}
