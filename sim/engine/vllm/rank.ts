import type { Ns } from '#core/base/time.ts';
import type { Leap } from '../leap/leap.ts';
import type { EngineRank } from '../rank/engine-rank.ts';
import { dropApart } from '../rank/hand-over.ts';
import { openSequence, releaseBlocks } from '../rank/request-life.ts';
import { blocksInTheEnd, cachedBlocks, canNeverFit, outputFits } from './capacity.ts';
import { completeRank, recordGaps, recordSecondTokens } from './complete.ts';
import { dropRequest } from './drop.ts';
import { leapBlocks, openLeap } from './leap-ahead.ts';
import { planRank } from './plan.ts';
import { WorkerState } from './worker-state.ts';

/**
 * One rank as vLLM's V1 scheduler runs it: every pass gives each decoding request one token, then
 * spends what is left of the token budget on prompts, in order of arrival. See the README of this
 * folder for the rules and where they come from.
 */
export class VllmRank extends WorkerState implements EngineRank {
  readonly decodes = true;

  get waitingRequests(): number {
    return this.waiting.size + this.handoff.waiting;
  }

  enqueue(row: number): boolean {
    const { sequences, settings } = this.engine;
    openSequence(this, row);
    this.waiting.pushBack(row);
    const isNext = this.waiting.first === row;
    const full = this.running.count >= settings.maxNumSeqs;
    // Who may come in with the next pass loses nothing of the cache before it.
    if (!isNext || full || this.prefilling >= 0) {
      sequences.held[row] = cachedBlocks(this, row) * settings.blockSize;
    }
    // Full passes that let prompts in would note that one waits, and the next ones hold back none.
    if (!isNext || full) return settings.prefillInterval > 1 && !this.saturated;
    if (this.prefilling < 0 || this.holdsPrefills) return true;
    // A long prompt leaves no token for others: only who may need none changes anything.
    return sequences.target[row]! <= 0 || canNeverFit(this, row);
  }

  canNeverFit(row: number): boolean {
    return canNeverFit(this, row);
  }

  mayReserve(row: number): boolean {
    const full = this.running.count >= this.engine.settings.maxNumSeqs;
    return !full && outputFits(this, row);
  }

  reserve(row: number, blocks: number): void {
    this.reservations?.admit(row, blocksInTheEnd(this, row), blocks);
  }

  unreserve(row: number, blocks: number): void {
    this.reservations?.end(row, blocks);
  }

  letGo(row: number): void {
    const computed = this.storedTokens(row);
    this.beforeRelease(row, computed);
    releaseBlocks(this, row, computed);
  }

  touchNow(): number {
    return 0;
  }

  shareCopied(row: number): void {
    const { settings, requests } = this.engine;
    if (settings.reusesAtDestination) this.share(row, requests.inputTokens[row]!);
  }

  plan(): number {
    return planRank(this);
  }

  durationNs(): Ns {
    return this.engine.passTime.ofPass(this.shape);
  }

  openLeap(): Leap {
    return openLeap(this);
  }

  leapBlocks(passes: number): number {
    return leapBlocks(this, passes);
  }

  complete(firstEndNs: Ns): void {
    const { stream } = this.engine;
    if (stream !== undefined) stream.passed(this.batch, this.clock);
    else if (this.clock.passes === 1) recordGaps(this);
    recordSecondTokens(this, firstEndNs);
    completeRank(this);
  }

  drop(row: number, nowNs: Ns): void {
    if (!dropApart(this, row)) dropRequest(this, row, nowNs);
  }
}
