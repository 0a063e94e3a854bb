import type { Ns } from '#core/base/time.ts';
import type { Leap } from '../leap/leap.ts';
import type { RankState } from './rank-state.ts';

/** One scheduler of a worker, as the worker drives it. */
export interface EngineRank extends RankState {
  /** Requests that wait, for a place in the batch or for their reservation. */
  readonly waitingRequests: number;
  /**
   * Takes a request in; true when it might come in with a pass that a leap under way would run past,
   * were there one.
   */
  enqueue(row: number): boolean;
  /** Between two passes: a request that has not ended leaves, whatever state it is in. */
  drop(row: number, nowNs: Ns): void;
  /** Whether a request that is handed over to here could not be served even by an empty rank. */
  canNeverFit(row: number): boolean;
  /** Whether the scheduler lets a request that waits for its reservation have it, if blocks suffice. */
  mayReserve(row: number): boolean;
  /** It gets `blocks` blocks, or gives them back. */
  reserve(row: number, blocks: number): void;
  unreserve(row: number, blocks: number): void;
  /** A request of which nothing but the prompt is computed lets go of its blocks. */
  letGo(row: number): void;
  /** The moment at which cached blocks are touched now, where that counts. */
  touchNow(): number;
  /** The prompt of a request has been copied here: others may hit it, if the engine lets them. */
  shareCopied(row: number): void;
  /**
   * Decides what it does in the pass that begins; returns how many equal ones it could take at once,
   * 0 when there is nothing that it can do now.
   */
  plan(): number;
  /** How long a single such pass takes it. */
  durationNs(): Ns;
  /** Whether the pass that is under way gives its decoding requests tokens. */
  readonly decodes: boolean;
  /** The passes of the leap that is under way on a worker of one rank. */
  openLeap(): Leap;
  /** Blocks that the first `passes` passes of a leap take, those of its very first left out. */
  leapBlocks(passes: number): number;
  /** The pass (or leap) ends; its first pass ended at `firstEndNs`. */
  complete(firstEndNs: Ns): void;
}
