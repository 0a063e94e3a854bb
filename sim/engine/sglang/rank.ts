import type { Ns } from '#core/base/time.ts';
import type { Leap } from '../leap/leap.ts';
import type { EngineRank } from '../rank/engine-rank.ts';
import { dropApart } from '../rank/hand-over.ts';
import { openSequence, releaseBlocks } from '../rank/request-life.ts';
import { completeRank } from './complete.ts';
import { dropRequest } from './drop.ts';
import { planRank } from './plan.ts';
import { cachedPages, canNeverFit } from './room.ts';
import { SglangState } from './sglang-state.ts';

/**
 * One rank as SGLang's scheduler runs it: prompts first, in passes of their own, and decode while none
 * can be computed. See the README of this folder for the rules and where they come from.
 */
export class SglangRank extends SglangState implements EngineRank {
  get waitingRequests(): number {
    return this.waiting.count + this.handoff.waiting;
  }

  enqueue(row: number): boolean {
    const { sequences, settings } = this.engine;
    openSequence(this, row);
    const nothingWaited = this.waiting.count === 0;
    const full = this.running.count >= settings.maxNumSeqs;
    // Who may come in with the next pass loses nothing of the cache before it.
    if (!nothingWaited || full || this.prefilling >= 0) {
      sequences.held[row] = cachedPages(this, row) * settings.blockSize;
    }
    this.waiting.push(row);
    if (full) return false;
    if (this.prefilling >= 0) return false;
    return nothingWaited || settings.longestPrefixFirst;
  }

  /** Who has its prompt copied here gets each of its tokens, the last one too, from a decode pass. */
  canNeverFit(row: number): boolean {
    const { requests, sequences } = this.engine;
    const wanted = sequences.target[row]! + sequences.unwanted[row]!;
    const pages = this.pages(requests.inputTokens[row]! + wanted);
    return canNeverFit(this, row) || pages > this.pool.capacity;
  }

  mayReserve(): boolean {
    return true;
  }

  reserve(): void {
    // Output gets its blocks as it comes.
  }

  unreserve(): void {
    // As above.
  }

  letGo(row: number): void {
    const { requests, holders } = this.engine;
    const prompt = requests.inputTokens[row]!;
    this.insert(row, prompt, holders.held[row]!);
    releaseBlocks(this, row, prompt);
  }

  touchNow(): number {
    return this.touches.now(this.batch.step);
  }

  shareCopied(row: number): void {
    const { requests, holders } = this.engine;
    this.insert(row, requests.inputTokens[row]!, holders.held[row]!);
  }

  plan(): number {
    return planRank(this);
  }

  durationNs(): Ns {
    return this.engine.passTime.ofPass(this.shape);
  }

  openLeap(): Leap {
    const { passTime, scratchDecodeRun } = this.engine;
    scratchDecodeRun.prepare(passTime, this.batch.size, this.batch.contextTokens);
    return scratchDecodeRun;
  }

  leapBlocks(passes: number): number {
    return this.batch.blocksNeeded(passes) - this.blocksTaken;
  }

  complete(firstEndNs: Ns): void {
    completeRank(this, firstEndNs);
  }

  drop(row: number, nowNs: Ns): void {
    if (!dropApart(this, row)) dropRequest(this, row, nowNs);
  }
}
