import { RankState } from '../rank/rank-state.ts';
import { RowList } from '../row-list.ts';
import { CompletionReservations } from '../trtllm/completion-reservations.ts';
import { openWaitingLine } from './open-waiting-line.ts';
import { RequestOrder } from './request-order.ts';
import type { VllmSettings } from './settings.ts';
import type { WaitingLine } from './waiting-line.ts';

/**
 * What the scheduler of a worker keeps, or of one rank of a worker with data-parallel attention; the
 * functions beside this file work on it.
 */
export class WorkerState extends RankState<VllmSettings> {
  /** What requests may still take; there only where their output is reserved. */
  readonly reservations: CompletionReservations | undefined = this.engine.settings.reservesOutput
    ? new CompletionReservations()
    : undefined;
  /** Who matters more, where that decides anything. */
  readonly order: RequestOrder = new RequestOrder(this.engine.requests, this.engine.sequences);
  readonly waiting: WaitingLine = openWaitingLine(this.engine.settings, this.order);
  /** Prompts wait for another pass than the one that is under way. */
  holdsPrefills = false;
  /** The last pass that let prompts in left some waiting, so that holding them back gains nothing. */
  saturated = false;
  /** Preempted requests that the pass brings back to decode at no cost, and their tokens. */
  recomputed = 0;
  recomputedContext = 0;
  /** Running requests that the pass passes over, and decoding ones that the last one did. */
  readonly passedOver: RowList = new RowList();
  readonly late: RowList = new RowList();

  /** Blocks for an admitted request; false, and nothing changes, when there are not enough. */
  allocate(blocks: number): boolean {
    if (!this.pool.allocate(blocks)) return false;
    this.reservations?.take(blocks);
    return true;
  }

  /** Tokens of a request that is over whose KV entries exist: the last one is computed by nobody. */
  storedTokens(row: number): number {
    const { requests, sequences } = this.engine;
    return requests.inputTokens[row]! + Math.max(sequences.generated[row]! - 1, 0);
  }

  /** The first `tokens` tokens of a request are computed: others may hit its blocks. */
  commit(row: number, tokens: number): void {
    if (this.engine.settings.role === 'decode') {
      this.share(row, tokens);
      return;
    }
    const { pathBlocks } = this.engine.holders;
    this.pool.commit(row, Math.min(this.cacheable(tokens), pathBlocks[row]!));
  }

  /**
   * A request is about to let go of its blocks. Where prompts are copied to, it may have blocks that
   * nobody knows of, or that somebody else has got too since it came: then it lets go of those.
   */
  beforeRelease(row: number, computed: number): void {
    if (this.engine.settings.role === 'decode') this.share(row, computed);
  }

  get speculates(): boolean {
    return this.drafts !== undefined;
  }

  /** Tokens that come out of the pass that ends a prompt: one, but for a habit of Dynamo 1.6. */
  drawFirstBurst(): number {
    if (this.drafts === undefined || !this.engine.settings.burstsFromPrefill) return 1;
    return this.drafts.nextBurst();
  }
}
