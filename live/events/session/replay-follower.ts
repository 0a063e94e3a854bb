import type { Ns } from '#core/base/time.ts';
import { Checkups } from './checkups.ts';
import type { Follower } from './follower.ts';
import type { EventFrame } from './frame.ts';
import { type AskedReplay, type Purpose, ReplayAsker, type ReplayRequest } from './replay-asker.ts';
import type { SessionOptions } from './session-options.ts';
import type { SessionProgress } from './session-progress.ts';
import type { SessionLack } from './session-status.ts';
import { WaitingFrames } from './waiting-frames.ts';

/**
 * Follows a publisher that has a replay socket.
 *
 * It begins with a replay from the first number, since a publisher that connects loses its first
 * batches. A number that was skipped is asked for, and what comes meanwhile waits. Where the engine
 * does not remember it any more, what was known is forgotten. A quiet engine is asked now and then for
 * what was applied last: a lost last batch shows in the answer, and so does an engine that has begun
 * anew, because the same numbers then hold other batches.
 */
export class ReplayFollower implements Follower {
  readonly #progress: SessionProgress;
  readonly #overlap: number;
  readonly #waiting: WaitingFrames;
  readonly #asker: ReplayAsker;
  readonly #checkups: Checkups;
  /** The next live batch is taken whatever its number. */
  #adopts = false;
  /** Nobody has confirmed lately that nothing is missing. */
  #unverified = false;
  /** The engine may have begun anew: nothing is applied before it is known. */
  #suspect = false;

  constructor(options: SessionOptions, progress: SessionProgress) {
    this.#progress = progress;
    this.#overlap = options.overlap;
    this.#waiting = new WaitingFrames(options.waitingFramesMax, options.waitingBytesMax);
    this.#asker = new ReplayAsker(options);
    this.#checkups = new Checkups(options);
  }

  get trust(): Follower['trust'] {
    if (this.#suspect || this.#waiting.size > 0 || this.#isCatchingUp) return 'recovering';
    return this.#unverified ? 'unverified' : 'exact';
  }

  /** A replay is under way that does not only confirm what is known. */
  get #isCatchingUp(): boolean {
    const { purpose } = this.#asker;
    return purpose !== undefined && purpose !== 'verify';
  }

  takeRequest(): ReplayRequest | undefined {
    return this.#asker.takeRequest();
  }

  nextWakeupNs(): Ns | undefined {
    return this.#asker.wakeupNs ?? (this.#progress.linked ? this.#checkups.wakeupNs : undefined);
  }

  linkUp(nowNs: Ns): void {
    this.#waiting.clear();
    this.#asker.succeeded();
    this.#suspect = this.#progress.heard && this.#hasBegun;
    this.#ask(this.#suspect ? 'verify' : 'start', nowNs);
  }

  linkDown(): void {
    this.#asker.stop();
    this.#waiting.clear();
    if (this.#progress.heard) this.#suspect = this.#hasBegun;
  }

  live(frame: EventFrame, nowNs: Ns): void {
    const progress = this.#progress;
    this.#checkups.spoke(nowNs);
    if (progress.hearsAnother(frame)) this.#restarted(nowNs);
    if (this.#adopts) this.#adopt(frame.sequence);
    if (this.#suspect) {
      if (frame.sequence >= progress.next) this.#wait(frame, nowNs);
    } else if (frame.sequence < progress.next) {
      if (progress.isCopy(frame)) return;
      this.#restarted(nowNs);
      this.#wait(frame, nowNs);
    } else if (frame.sequence === progress.next) {
      this.#applyAndDrain(frame);
    } else {
      this.#wait(frame, nowNs);
      if (this.#asker.purpose !== undefined) return;
      progress.counters.gaps++;
      this.#ask('gap', nowNs);
    }
  }

  replayed(request: number, frame: EventFrame, nowNs: Ns): void {
    const progress = this.#progress;
    const asked = this.#asker.underWay(request);
    if (asked === undefined) return;
    this.#asker.prolong(asked, nowNs);
    if (progress.hearsAnother(frame)) {
      this.#restarted(nowNs);
      return;
    }
    if (!asked.answered && !this.#admitFirst(asked, frame, nowNs)) return;
    asked.answered = true;
    if (frame.sequence < progress.next) {
      if (!progress.knows(frame)) this.#restarted(nowNs);
      return;
    }
    // The number before was the same batch as here: the engine is the one that is known.
    this.#suspect = false;
    if (frame.sequence === progress.next) this.#applyAndDrain(frame);
    else this.#wait(frame, nowNs);
  }

  replayEnded(request: number, nowNs: Ns): void {
    const progress = this.#progress;
    const asked = this.#asker.underWay(request);
    if (asked === undefined) return;
    this.#asker.close();
    progress.counters.replays++;
    if (!asked.answered && !this.#isEmptyEngine(asked)) {
      this.#restarted(nowNs);
      return;
    }
    progress.heard = true;
    this.#suspect = false;
    this.#drain();
    if (this.#waiting.size > 0) {
      if (progress.next > asked.nextBefore) this.#asker.succeeded();
      this.#tryAgain(asked.purpose, 'history_incomplete', nowNs);
      return;
    }
    this.#asker.succeeded();
    this.#unverified = false;
    if (progress.isComplete) progress.lack = undefined;
    this.#checkups.confirmed(nowNs);
  }

  replayFailed(request: number, nowNs: Ns): void {
    const asked = this.#asker.underWay(request);
    if (asked === undefined) return;
    this.#asker.close();
    this.#progress.counters.failedReplays++;
    this.#tryAgain(asked.purpose, 'replay_unreachable', nowNs);
  }

  tick(nowNs: Ns): void {
    const overdue = this.#asker.overdue(nowNs);
    if (overdue !== undefined) {
      this.replayFailed(overdue.id, nowNs);
      return;
    }
    const isAsking = this.#asker.purpose !== undefined;
    const mayCheck = !isAsking && this.#progress.linked;
    const due = this.#asker.dueRetry(nowNs) ?? (mayCheck ? this.#checkups.due(nowNs) : undefined);
    if (due !== undefined) this.#ask(due, nowNs);
  }

  /** Something has been applied in this life of the engine, or skipped. */
  get #hasBegun(): boolean {
    return this.#progress.next > this.#progress.firstSequence;
  }

  /** Whether the first message of a replay lets it go on. */
  #admitFirst(asked: AskedReplay, { sequence }: EventFrame, nowNs: Ns): boolean {
    const progress = this.#progress;
    if (asked.purpose === 'rebuild') {
      if (sequence !== progress.firstSequence) {
        this.#asker.stop();
        progress.lack = 'history_evicted';
        this.#checkups.cannotRebuild(nowNs);
        return false;
      }
      this.#beginAnew();
      return true;
    }
    const missesSome = sequence > progress.next;
    const provesNothing = sequence === progress.next && asked.from < progress.next;
    if (missesSome || provesNothing) {
      progress.counters.evictions++;
      progress.lose('history_evicted');
      progress.heard = true;
      this.#suspect = false;
      progress.jump(sequence);
      this.#waiting.dropBefore(sequence);
    }
    return true;
  }

  /** An empty answer means that nothing was published, unless something had been. */
  #isEmptyEngine({ purpose, from }: AskedReplay): boolean {
    if (purpose === 'rebuild') return false;
    return from === this.#progress.firstSequence && !this.#hasBegun;
  }

  #wait(frame: EventFrame, nowNs: Ns): void {
    this.#waiting.put(frame.sequence, frame.payload);
    if (this.#waiting.isOverfull) this.#giveUp('overfull', nowNs);
  }

  #applyAndDrain(frame: EventFrame): void {
    this.#progress.heard = true;
    this.#apply(frame.payload);
    this.#drain();
  }

  #apply(payload: Uint8Array): void {
    if (this.#progress.apply(payload) === 'cleared') this.#checkups.whole();
  }

  #drain(): void {
    if (this.#suspect) return;
    for (;;) {
      const payload = this.#waiting.take(this.#progress.next);
      if (payload === undefined) return;
      this.#apply(payload);
    }
  }

  /** The engine has begun anew: so does the session. */
  #restarted(nowNs: Ns): void {
    this.#progress.counters.restarts++;
    this.#beginAnew();
    this.#waiting.clear();
    this.#asker.succeeded();
    this.#ask('start', nowNs);
  }

  #beginAnew(): void {
    this.#progress.beginAnew();
    this.#suspect = false;
    this.#adopts = false;
    this.#checkups.whole();
  }

  #adopt(sequence: number): void {
    this.#adopts = false;
    this.#progress.heard = true;
    this.#progress.jump(sequence);
  }

  #ask(purpose: Purpose, nowNs: Ns): void {
    const { firstSequence, rememberedFrom, next } = this.#progress;
    const known = Math.max(rememberedFrom, next - this.#overlap);
    const from = purpose === 'rebuild' ? firstSequence : Math.max(firstSequence, known);
    this.#asker.ask(purpose, from, next, nowNs);
  }

  /** A replay has not brought what it should: it is asked for again, up to a limit. */
  #tryAgain(purpose: Purpose, lack: SessionLack, nowNs: Ns): void {
    if (this.#asker.retryLater(purpose, nowNs)) return;
    const nothingMissed = !this.#suspect && this.#waiting.size === 0 && this.#progress.heard;
    if (!nothingMissed) {
      this.#giveUp(lack, nowNs);
      return;
    }
    this.#unverified = true;
    this.#progress.lack ??= lack;
    if (purpose === 'rebuild') this.#checkups.rebuildLater(nowNs);
    this.#checkups.unanswered(nowNs);
  }

  /** Goes on without what is missing, and asks for everything once more later. */
  #giveUp(lack: SessionLack, nowNs: Ns): void {
    const progress = this.#progress;
    this.#asker.stop();
    progress.lose(lack);
    progress.heard = true;
    this.#suspect = false;
    const start = this.#waiting.lastRunStart();
    if (start === undefined) {
      this.#adopts = true;
    } else {
      this.#waiting.dropBefore(start);
      progress.jump(start);
      this.#drain();
    }
    this.#checkups.rebuildLater(nowNs);
  }
}
