import type { Ns } from '#core/base/time.ts';

/**
 * What one target (a worker, or a rank of one) has done since the run began, added up pass by pass; a leap counts as its passes.
 * Everything is a sum, so the difference of two moments is what happened between them.
 */
export class WorkerTally {
  /** Forward passes that it took part in and that have ended. */
  passes = 0;
  /** Time spent in them. */
  busyNs: Ns = 0;
  /** Tokens of prefill chunks, counted when the pass that computes them begins. */
  prefillTokens = 0;
  /** Output tokens, counted when they come out. */
  outputTokens = 0;
  /** Times that a running request lost its blocks. */
  preemptions = 0;
  /** Most KV blocks in use at one moment. */
  kvPeakBlocks = 0;
  /**
   * Σ KV blocks in use × time. In a leap they are taken to grow evenly, which is within half a block
   * for each request that decodes.
   */
  kvBlockNs = 0;
}
