import type { Ns } from '#core/base/time.ts';

/** One target at one moment: what it is then, and what it has done since the run began. */
export class WorkerSample {
  /** Requests in its batch, and in its queue. */
  running = 0;
  waiting = 0;
  /** KV blocks in use, and those that nobody uses and that can be hit. */
  kvUsedBlocks = 0;
  kvCachedBlocks = 0;
  /** As in `WorkerTally`; the time of a pass that is under way counts as far as it has come. */
  prefillTokens = 0;
  outputTokens = 0;
  busyNs: Ns = 0;
}
