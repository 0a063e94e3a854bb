import type { Ns } from '#core/base/time.ts';
import type { EngineState } from '../rank/engine-state.ts';
import type { PassClock } from '../rank/pass-clock.ts';
import { RankState } from '../rank/rank-state.ts';
import { RowLine } from '../row-line.ts';
import { RowList } from '../row-list.ts';
import { NewTokenRatio } from './new-token-ratio.ts';
import type { SglangSettings } from './settings.ts';
import { TouchClock } from './touch-clock.ts';

/** What SGLang's scheduler keeps of one rank; the functions beside this file work on it. */
export class SglangState extends RankState<SglangSettings> {
  /** In the order of arrival; a retracted request goes to the end. */
  readonly waiting: RowLine = new RowLine();
  readonly ratio: NewTokenRatio;
  readonly touches: TouchClock = new TouchClock();
  /** Whether the pass that is under way decodes; else it computes prompts. */
  decodes = false;
  /** Somebody was retracted as it began. */
  retracted = false;
  /** Requests with a chunk in it. */
  readonly computing: RowList = new RowList();
  /** Tokens that the first in line needed and did not find, −1 = it was not held up by that. */
  needed = -1;
  /** Some of what it would find cached may be evicted, which changes what it needs. */
  hitsMayGo = false;
  /** The pass that is under way has evicted blocks for those that decode. */
  evicts = false;
  /** They were looked up in vain, which every pass repeats. */
  hitsTouched = false;
  /** Decode passes since the last one of prefill. */
  decodesSincePrefill = 0;
  /** Requests that have joined the batch since the last decode pass, and when that ended. */
  readonly joined: RowList = new RowList();
  lastDecodeEndNs: Ns = 0;
  /** Those of them that got no token from their prefill, for want of room: nobody can hit it yet. */
  readonly pending: RowList = new RowList();

  constructor(engine: EngineState<SglangSettings>, clock: PassClock, target: number) {
    super(engine, clock, target);
    const { firstTokenRatio, leastTokenRatio } = engine.settings;
    this.ratio = new NewTokenRatio(firstTokenRatio, leastTokenRatio);
  }

  /**
   * Whole blocks among the first `tokens` tokens can be hit from now on, and as there are any beyond
   * the first `before` ones, all are touched.
   */
  insert(row: number, tokens: number, before: number): void {
    this.share(row, tokens);
    if (this.cacheable(tokens) > before) this.touch(row);
  }

  /** The cached blocks of a request are touched. */
  touch(row: number): void {
    this.engine.sequences.touched[row] = this.touches.now(this.batch.step);
  }

  /** The blocks that it filled while it decoded were inserted one by one, but for one with its last token. */
  override leaving(row: number, known: number): void {
    const { sequences, holders } = this.engine;
    const inserted = known - (this.batch.left(row) === 0 ? 1 : 0);
    if (this.cacheable(inserted) <= holders.held[row]!) return;
    const filled = this.inPass(row, this.batch.lastFilled(row));
    if (filled > sequences.touched[row]!) sequences.touched[row] = filled;
  }

  /** When a request's turn was in a decode pass. */
  inPass(row: number, pass: number): number {
    return this.touches.inPass(pass, this.engine.sequences.order[row]!);
  }

  /** Blocks that `tokens` tokens lie in. */
  pages(tokens: number): number {
    return Math.ceil(tokens / this.engine.settings.blockSize);
  }
}
