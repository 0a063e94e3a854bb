import { openStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';
import { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import { BurstBatch } from '../batch/burst-batch.ts';
import { DecodeBatch } from '../batch/decode-batch.ts';
import type { DecodeMembers } from '../batch/decode-members.ts';
import { DraftDraw } from '../batch/draft-draw.ts';
import { RowList } from '../row-list.ts';
import { PassShape } from '../timing/timing-model.ts';
import { WorkerTally } from '../worker-tally.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { EngineState } from './engine-state.ts';
import { Handoff } from './handoff.ts';
import type { PassClock } from './pass-clock.ts';

/** What every scheduler keeps of a worker, or of one rank of a worker with data-parallel attention. */
export class RankState<Settings extends EngineSettings = EngineSettings> {
  readonly engine: EngineState<Settings>;
  /** The pass that is under way, shared by the ranks of a worker. */
  readonly clock: PassClock;
  readonly pool: ExtentPool;
  readonly tally: WorkerTally = new WorkerTally();
  /** Requests that get a token, or a burst, in a pass that decodes. */
  readonly batch: DecodeMembers;
  /** All admitted requests in order of admission. */
  readonly running: RowList = new RowList();
  /** Admissions so far. */
  admissions = 0;
  /** The head of the queue that found too few blocks, −1 = none; since when, and how many it found. */
  headWaits = -1;
  headWaitsFromNs: Ns = 0;
  headFreeBlocks = 0;
  /** The pass that has looked at it last. */
  headSeenNs: Ns = -1;
  /** The admitted request whose prompt is computed in part, −1 = none. */
  prefilling = -1;
  readonly handoff: Handoff = new Handoff();

  /** What it has to do in the pass that is under way. */
  readonly shape: PassShape = new PassShape();
  /** The same as a list of one. */
  readonly shapes: readonly PassShape[] = [this.shape];
  /** Blocks that decoding requests took in its first pass. */
  blocksTaken = 0;
  /** Requests whose prompt it completes. */
  readonly completing: RowList = new RowList();
  /** Requests that it found can never be served. */
  readonly rejected: RowList = new RowList();
  /** Requests that decode and have no token yet. */
  readonly entering: RowList = new RowList();
  /** Requests that the last pass gave their last token, in order of admission. */
  readonly ending: RowList = new RowList();
  /** Requests that it gave their first token, and that wait for their second. */
  readonly fresh: RowList = new RowList();
  /** There only with speculation. */
  protected readonly drafts: DraftDraw | undefined;

  /** `target`: what the router calls the rank; its drafts are drawn from a stream of its own. */
  constructor(engine: EngineState<Settings>, clock: PassClock, target: number) {
    const { blockSize, speculation, numGpuBlocks, evictionOrder, tokensAhead } = engine.settings;
    this.engine = engine;
    this.clock = clock;
    this.drafts =
      speculation === undefined
        ? undefined
        : new DraftDraw(speculation, openStream(engine.seed, `engine.speculation.${target}`));
    this.batch =
      this.drafts === undefined
        ? new DecodeBatch(blockSize, tokensAhead)
        : new BurstBatch(blockSize, this.drafts, tokensAhead);
    this.pool = new ExtentPool(numGpuBlocks, engine.forest, engine.holders, evictionOrder);
  }

  /** A request that decodes is about to leave the batch with `known` tokens. */
  leaving(_row: number, _known: number): void {
    // Whoever must know when it was touched last overrides this.
  }

  /** Prompt and output tokens so far, for a request that does not decode. */
  known(row: number): number {
    return this.engine.requests.inputTokens[row]! + this.engine.sequences.generated[row]!;
  }

  /**
   * Whole blocks among the first `tokens` tokens of a request can be hit from now on; of those that it
   * generated only those on its path, the others once it lets go.
   */
  share(row: number, tokens: number): void {
    const blocks = Math.min(this.cacheable(tokens), this.engine.holders.pathBlocks[row]!);
    this.pool.adopt(row, blocks);
  }

  /** Whole blocks among the first `computed` tokens that the prefix cache keeps. */
  cacheable(computed: number): number {
    const { prefixCaching, blockSize } = this.engine.settings;
    return prefixCaching ? Math.floor(computed / blockSize) : 0;
  }
}
