import type { WorkerSample } from '../worker-sample.ts';
import type { EngineRank } from './engine-rank.ts';

/**
 * What a rank is and has done when `ended` passes of the leap that is under way have ended. Between
 * two passes nothing changes; from the passes of a leap follows what stepping would have shown: each
 * gave every decoding request a token, and each that began after one took its blocks.
 */
export function probe(rank: EngineRank, ended: number, sample: WorkerSample): void {
  const { pool, tally, batch, shape } = rank;
  sample.running = rank.running.count;
  // Whoever turns out never to fit leaves when the pass ends.
  sample.waiting = rank.waitingRequests + rank.rejected.count;
  sample.kvUsedBlocks = pool.active;
  sample.kvCachedBlocks = pool.inactive;
  sample.prefillTokens = tally.prefillTokens;
  sample.outputTokens = tally.outputTokens;
  sample.busyNs = tally.busyNs;
  if (ended === 0) return;
  const blocks = rank.leapBlocks(ended + 1);
  sample.kvUsedBlocks += blocks;
  sample.kvCachedBlocks -= Math.max(0, blocks - pool.free);
  sample.outputTokens += batch.size * ended;
  if (rank.prefilling >= 0) sample.prefillTokens += shape.prefillTokens * ended;
}
