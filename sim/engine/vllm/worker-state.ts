import { openStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { RowList } from '../row-list.ts';
import { PassShape } from '../timing/timing-model.ts';
import { CompletionReservations } from '../trtllm/completion-reservations.ts';
import { WorkerTally } from '../worker-tally.ts';
import { BurstBatch } from './burst-batch.ts';
import { DecodeBatch } from './decode-batch.ts';
import type { DecodeMembers } from './decode-members.ts';
import { DraftDraw } from './draft-draw.ts';
import type { EngineState } from './engine-state.ts';
import type { PassClock } from './pass-clock.ts';
import { WaitingQueue } from './waiting-queue.ts';

/**
 * What the scheduler of a worker keeps, or of one rank of a worker with data-parallel attention; the
 * functions beside this file work on it.
 */
export class WorkerState {
  readonly engine: EngineState;
  /** What requests may still take; there only where their output is reserved. */
  readonly reservations: CompletionReservations | undefined;
  /** The pass that is under way, shared by the ranks of a worker. */
  readonly clock: PassClock;
  readonly pool: ExtentPool;
  readonly tally: WorkerTally = new WorkerTally();
  /** Requests that get a token, or a burst, a pass. */
  readonly batch: DecodeMembers;
  readonly waiting: WaitingQueue = new WaitingQueue();
  /** All admitted requests in order of admission. */
  readonly running: RowList = new RowList();
  /** Admissions so far. */
  admissions = 0;
  /** The head of the queue that found too few blocks, −1 = none; since when, and how many it found. */
  headWaits = -1;
  headWaitsFromNs: Ns = 0;
  headFreeBlocks = 0;
  /** The admitted request whose prompt is computed in part, −1 = none. */
  prefilling = -1;

  /** What it has to do in the pass that is under way. */
  readonly shape: PassShape = new PassShape();
  /** The same as a list of one. */
  readonly shapes: readonly PassShape[] = [this.shape];
  /** Blocks that decoding requests took in its first pass. */
  blocksTaken = 0;
  /** Preempted requests that it brings back to decode at no cost, and their tokens. */
  recomputed = 0;
  recomputedContext = 0;
  /** Requests whose prompt it completes. */
  readonly completing: RowList = new RowList();
  /** Requests that it found can never be served. */
  readonly rejected: RowList = new RowList();
  /** Requests whose prompt was cached whole: it gives them their first token by a decode step. */
  readonly entering: RowList = new RowList();

  /** Requests that it passes over (a habit of Dynamo 1.6), and those that were before it. */
  readonly passedOver: RowList = new RowList();
  readonly late: RowList = new RowList();

  /** Requests that the last pass gave their last token, in order of admission. */
  readonly ending: RowList = new RowList();
  /** Requests that it gave their first token, and that wait for their second. */
  readonly fresh: RowList = new RowList();

  readonly #drafts: DraftDraw | undefined;

  /** `target`: what the router calls the rank; its drafts are drawn from a stream of its own. */
  constructor(engine: EngineState, clock: PassClock, target: number) {
    const { blockSize, speculation } = engine.settings;
    this.engine = engine;
    this.clock = clock;
    this.#drafts =
      speculation === undefined
        ? undefined
        : new DraftDraw(speculation, openStream(engine.seed, `engine.speculation.${target}`));
    this.batch =
      this.#drafts === undefined
        ? new DecodeBatch(blockSize)
        : new BurstBatch(blockSize, this.#drafts);
    this.reservations = engine.settings.reservesOutput ? new CompletionReservations() : undefined;
    const { numGpuBlocks, evictionScore } = engine.settings;
    this.pool = new ExtentPool(numGpuBlocks, engine.forest, engine.holders, evictionScore);
  }

  /** Blocks for an admitted request; false, and nothing changes, when there are not enough. */
  allocate(blocks: number): boolean {
    if (!this.pool.allocate(blocks)) return false;
    this.reservations?.take(blocks);
    return true;
  }

  /** Prompt and output tokens so far, for a request that does not decode. */
  known(row: number): number {
    return this.engine.requests.inputTokens[row]! + this.engine.sequences.generated[row]!;
  }

  /** Tokens that come out of the pass that ends a prompt: one, but for a habit of Dynamo 1.6. */
  drawFirstBurst(): number {
    if (this.#drafts === undefined || !this.engine.settings.burstsFromPrefill) return 1;
    return this.#drafts.nextBurst();
  }

  /** Whole blocks among the first `computed` tokens that the prefix cache keeps. */
  cacheable(computed: number): number {
    const { prefixCaching, blockSize } = this.engine.settings;
    return prefixCaching ? Math.floor(computed / blockSize) : 0;
  }
}
