import type { Ns } from '#core/base/time.ts';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { RowList } from '../row-list.ts';
import { PassShape } from '../timing/timing-model.ts';
import { DecodeBatch } from './decode-batch.ts';
import type { EngineState } from './engine-state.ts';
import { WaitingQueue } from './waiting-queue.ts';

/** What one worker's scheduler keeps; the functions beside this file work on it. */
export class WorkerState {
  readonly engine: EngineState;
  readonly pool: ExtentPool;
  /** Requests that get one token a pass. */
  readonly batch: DecodeBatch;
  readonly waiting: WaitingQueue = new WaitingQueue();
  /** All admitted requests in order of admission. */
  readonly running: RowList = new RowList();
  /** Admissions so far. */
  admissions = 0;
  /** The admitted request whose prompt is computed in part, −1 = none. */
  prefilling = -1;

  /** The pass (or leap of equal passes) that is under way. */
  passStartNs: Ns = 0;
  passEndNs: Ns = 0;
  passes = 1;
  readonly shape: PassShape = new PassShape();
  /** Blocks that decoding requests took in its first pass. */
  blocksTaken = 0;
  /** Preempted requests that it brings back to decode at no cost, and their tokens. */
  recomputed = 0;
  recomputedContext = 0;
  /** Requests whose prompt it completes. */
  readonly completing: RowList = new RowList();
  /** Requests that it found can never be served. */
  readonly rejected: RowList = new RowList();

  /** Requests that it passes over (a habit of Dynamo 1.6), and those that were before it. */
  readonly passedOver: RowList = new RowList();
  readonly late: RowList = new RowList();

  /** Requests that the last pass gave their last token, in order of admission. */
  readonly ending: RowList = new RowList();
  /** Requests that it gave their first token, and that wait for their second. */
  readonly fresh: RowList = new RowList();
  /** For the cluster: requests that got their first token, and requests that are over. */
  readonly firstTokens: RowList = new RowList();
  readonly ended: RowList = new RowList();

  constructor(engine: EngineState) {
    this.engine = engine;
    this.batch = new DecodeBatch(engine.settings.blockSize);
    this.pool = new ExtentPool(engine.settings.numGpuBlocks, engine.forest, engine.holders);
  }

  /** Prompt and output tokens so far, for a request that does not decode. */
  known(row: number): number {
    return this.engine.requests.inputTokens[row]! + this.engine.sequences.generated[row]!;
  }

  /** Whole blocks among the first `computed` tokens that the prefix cache keeps. */
  cacheable(computed: number): number {
    const { prefixCaching, blockSize } = this.engine.settings;
    return prefixCaching ? Math.floor(computed / blockSize) : 0;
  }
}
