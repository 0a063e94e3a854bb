import type { Ns } from '#core/base/time.ts';
import { DigestRing } from './digest-ring.ts';
import type { EventFrame } from './frame.ts';
import type { SessionOptions } from './session-options.ts';
import {
  emptySessionCounters,
  type SessionCounters,
  type SessionLack,
  type SessionState,
} from './session-status.ts';
import { WaitingFrames } from './waiting-frames.ts';

/** What a session makes of an engine's messages. */
export interface SessionSink {
  /** The next batch. `cleared`: the engine's cache was emptied in it, and all that followed was read. */
  batch(payload: Uint8Array): 'applied' | 'cleared' | 'unreadable';
  /** Something was missed: what is known may be wrong. */
  forget(): void;
  /** The engine begins anew with an empty cache; all that it publishes will come. */
  restart(): void;
}

/** The replay of everything from one number on. */
export interface ReplayRequest {
  readonly id: number;
  readonly from: number;
}

/** Why a replay is asked for. */
type Purpose = 'start' | 'gap' | 'verify' | 'rebuild';

interface Asked extends ReplayRequest {
  readonly purpose: Purpose;
  /** The number that was next when it was asked for. */
  readonly nextBefore: number;
  answered: boolean;
  deadlineNs: Ns;
}

/**
 * Follows the batches of one KV-event publisher: every batch once and in order, whatever a PUB socket
 * loses. A pure machine: frames and ticks in; requests for replays and batches out.
 *
 * A session begins with a replay from the first number, since a publisher that connects loses its
 * first batches. A number that was skipped is asked for, and what comes meanwhile waits. Where the
 * engine does not remember it any more, what was known is forgotten, and the session says that it is
 * degraded until the engine clears its cache or begins anew. A quiet engine is asked now and then for
 * what was applied last: a lost last batch shows in the answer, and so does an engine that has begun
 * anew, because the same numbers then hold other batches.
 *
 * What it relies on: messages of a connection never come after those of the next one, `linkDown` is
 * told before them, and batches of two lives of an engine differ (they carry its clock).
 */
export class KvSession {
  readonly counters: SessionCounters = emptySessionCounters();
  readonly #options: SessionOptions;
  readonly #sink: SessionSink;
  readonly #waiting: WaitingFrames;
  readonly #digests: DigestRing;
  /** The number of the next batch. */
  #next: number;
  /** The next live batch is taken whatever its number. */
  #adopts = false;
  #heard = false;
  #complete = true;
  #lack: SessionLack | undefined;
  /** Nobody has confirmed lately that nothing is missing. */
  #unverified = false;
  /** The engine may have begun anew: nothing is applied before it is known. */
  #suspect = false;
  #linked = false;
  #publisher = '';
  #asked: Asked | undefined;
  #request: ReplayRequest | undefined;
  #requests = 0;
  #attempts = 0;
  #retry: { readonly purpose: Purpose; readonly atNs: Ns } | undefined;
  #probeNs: Ns;
  #probeAtNs: Ns | undefined;
  #rebuildNs: Ns;
  #rebuildAtNs: Ns | undefined;

  constructor(options: SessionOptions, sink: SessionSink) {
    this.#options = options;
    this.#sink = sink;
    this.#next = options.firstSequence;
    this.#waiting = new WaitingFrames(options.waitingFramesMax, options.waitingBytesMax);
    this.#digests = new DigestRing(options.remembered);
    this.#digests.restart(this.#next);
    this.#probeNs = options.probeNs;
    this.#rebuildNs = options.rebuildNs;
  }

  get state(): SessionState {
    if (!this.#heard) return 'connecting';
    if (!this.#complete) return 'degraded';
    if (this.#suspect || this.#waiting.size > 0 || this.#isCatchingUp) return 'recovering';
    return this.#options.replays && !this.#unverified ? 'exact' : 'unverified';
  }

  /** A replay is under way that does not only confirm what is known. */
  get #isCatchingUp(): boolean {
    const purpose = this.#asked?.purpose ?? this.#retry?.purpose;
    return purpose !== undefined && purpose !== 'verify';
  }

  /** Why the state is degraded or unverified. */
  get lack(): SessionLack | undefined {
    return this.#lack;
  }

  /** The number of the batch that is wanted next. */
  get next(): number {
    return this.#next;
  }

  /** The replay to ask for now; one that was asked for before is of no interest any more. */
  takeRequest(): ReplayRequest | undefined {
    const request = this.#request;
    this.#request = undefined;
    return request;
  }

  /** When `tick` is due, undefined = nothing is waited for. */
  nextWakeupNs(): Ns | undefined {
    if (this.#asked !== undefined) return this.#asked.deadlineNs;
    if (this.#retry !== undefined) return this.#retry.atNs;
    if (!this.#linked) return undefined;
    if (this.#rebuildAtNs === undefined) return this.#probeAtNs;
    return Math.min(this.#rebuildAtNs, this.#probeAtNs ?? this.#rebuildAtNs);
  }

  /** The subscription has reached its publisher. */
  linkUp(nowNs: Ns): void {
    this.#linked = true;
    if (!this.#options.replays) return;
    this.#waiting.clear();
    this.#attempts = 0;
    this.#suspect = this.#heard && this.#next > this.#options.firstSequence;
    this.#ask(this.#suspect ? 'verify' : 'start', nowNs);
  }

  /** The connection to the publisher has ended: batches may be missed from here on. */
  linkDown(): void {
    if (!this.#linked) return;
    this.counters.linksLost++;
    this.#linked = false;
    this.#stopAsking();
    this.#waiting.clear();
    if (!this.#heard) return;
    if (this.#options.replays) {
      this.#suspect = this.#next > this.#options.firstSequence;
    } else {
      this.#lose('link_lost');
      this.#adopts = true;
    }
  }

  /** A live message. */
  live(frame: EventFrame, nowNs: Ns): void {
    if (!this.#options.replays) {
      this.#liveAlone(frame);
      return;
    }
    this.#quietSince(nowNs);
    if (this.#isOtherPublisher(frame)) this.#restarted(nowNs);
    if (this.#adopts) this.#adopt(frame.sequence);
    if (this.#suspect) {
      if (frame.sequence >= this.#next) this.#wait(frame, nowNs);
    } else if (frame.sequence < this.#next) {
      if (this.#isCopy(frame)) return;
      this.#restarted(nowNs);
      this.#wait(frame, nowNs);
    } else if (frame.sequence === this.#next) {
      this.#heard = true;
      this.#apply(frame.payload);
      this.#drain();
    } else {
      this.#wait(frame, nowNs);
      if (this.#asked !== undefined || this.#retry !== undefined) return;
      this.counters.gaps++;
      this.#ask('gap', nowNs);
    }
  }

  /** A message of a replay. */
  replayed(request: number, frame: EventFrame, nowNs: Ns): void {
    const asked = this.#asked;
    if (asked?.id !== request) return;
    asked.deadlineNs = nowNs + this.#options.replayTimeoutNs;
    if (this.#isOtherPublisher(frame)) {
      this.#restarted(nowNs);
      return;
    }
    if (!asked.answered && !this.#admitFirst(asked, frame, nowNs)) return;
    asked.answered = true;
    if (frame.sequence < this.#next) {
      if (!this.#digests.matches(frame.sequence, frame.payload)) this.#restarted(nowNs);
      return;
    }
    // The number before was the same batch as here: the engine is the one that is known.
    this.#suspect = false;
    if (frame.sequence === this.#next) {
      this.#heard = true;
      this.#apply(frame.payload);
      this.#drain();
    } else {
      this.#wait(frame, nowNs);
    }
  }

  /** The replay has come to its end. */
  replayEnded(request: number, nowNs: Ns): void {
    const asked = this.#asked;
    if (asked?.id !== request) return;
    this.#asked = undefined;
    this.counters.replays++;
    if (!asked.answered && !this.#isEmptyEngine(asked)) {
      this.#restarted(nowNs);
      return;
    }
    this.#heard = true;
    this.#suspect = false;
    this.#drain();
    if (this.#waiting.size > 0) {
      if (this.#next > asked.nextBefore) this.#attempts = 0;
      this.#tryAgain(asked.purpose, 'history_incomplete', nowNs);
      return;
    }
    this.#attempts = 0;
    this.#unverified = false;
    if (this.#complete) this.#lack = undefined;
    this.#probeAtNs = nowNs + this.#probeNs;
    this.#probeNs = Math.min(2 * this.#probeNs, this.#options.probeMaxNs);
  }

  /** The replay socket has failed. */
  replayFailed(request: number, nowNs: Ns): void {
    const asked = this.#asked;
    if (asked?.id !== request) return;
    this.#asked = undefined;
    this.#request = undefined;
    this.counters.failedReplays++;
    this.#tryAgain(asked.purpose, 'replay_unreachable', nowNs);
  }

  /** Time has passed. */
  tick(nowNs: Ns): void {
    if (this.#asked !== undefined) {
      if (nowNs >= this.#asked.deadlineNs) this.replayFailed(this.#asked.id, nowNs);
      return;
    }
    if (this.#retry !== undefined) {
      if (nowNs >= this.#retry.atNs) this.#ask(this.#retry.purpose, nowNs);
      return;
    }
    if (!this.#linked || !this.#options.replays) return;
    if (this.#rebuildAtNs !== undefined && nowNs >= this.#rebuildAtNs) this.#ask('rebuild', nowNs);
    else if (this.#probeAtNs !== undefined && nowNs >= this.#probeAtNs) this.#ask('verify', nowNs);
  }

  /** A publisher without a replay socket: what is missed is missed. */
  #liveAlone(frame: EventFrame): void {
    const { sequence } = frame;
    const { firstSequence } = this.#options;
    const isFirst = !this.#heard || this.#adopts;
    this.#heard = true;
    if (isFirst || this.#isOtherPublisher(frame)) {
      this.#beginAlone(sequence, this.#lack === undefined ? 'late_start' : this.#lack);
    } else if (sequence < this.#next) {
      if (this.#isCopy(frame)) return;
      this.counters.restarts++;
      this.#beginAlone(sequence, 'late_start');
    } else if (sequence > this.#next) {
      this.counters.gaps++;
      this.#lose('gap');
      this.#jump(sequence);
    }
    this.#publisher = frame.publisher;
    if (sequence === firstSequence && this.#complete) this.#lack = undefined;
    this.#apply(frame.payload);
  }

  #beginAlone(sequence: number, lack: SessionLack): void {
    this.#adopts = false;
    if (sequence === this.#options.firstSequence) {
      this.#complete = true;
      this.#lack = undefined;
      this.#sink.restart();
    } else {
      this.#lose(lack);
    }
    this.#jump(sequence);
  }

  /** Whether the first message of a replay lets it go on. */
  #admitFirst(asked: Asked, frame: EventFrame, nowNs: Ns): boolean {
    const { firstSequence } = this.#options;
    if (asked.purpose === 'rebuild') {
      if (frame.sequence !== firstSequence) {
        this.#stopAsking();
        this.#rebuildAtNs = undefined;
        this.#lack = 'history_evicted';
        this.#probeAtNs = nowNs + this.#probeNs;
        return false;
      }
      this.#beginAnew();
      return true;
    }
    const missesSome = frame.sequence > this.#next;
    const provesNothing = frame.sequence === this.#next && asked.from < this.#next;
    if (missesSome || provesNothing) {
      this.counters.evictions++;
      this.#lose('history_evicted');
      this.#heard = true;
      this.#suspect = false;
      this.#jump(frame.sequence);
      this.#waiting.dropBefore(frame.sequence);
    }
    return true;
  }

  /** An empty answer means that nothing was published, unless something had been. */
  #isEmptyEngine(asked: Asked): boolean {
    const { firstSequence } = this.#options;
    if (asked.purpose === 'rebuild') return false;
    return asked.from === firstSequence && this.#next === firstSequence;
  }

  #isOtherPublisher(frame: EventFrame): boolean {
    const before = this.#publisher;
    this.#publisher = frame.publisher;
    return before !== '' && frame.publisher !== '' && before !== frame.publisher;
  }

  #isCopy(frame: EventFrame): boolean {
    const copy = this.#digests.matches(frame.sequence, frame.payload);
    if (copy) this.counters.duplicates++;
    return copy;
  }

  #wait(frame: EventFrame, nowNs: Ns): void {
    this.#waiting.put(frame.sequence, frame.payload);
    if (this.#waiting.isOverfull) this.#giveUp('overfull', nowNs);
  }

  #apply(payload: Uint8Array): void {
    this.#digests.push(payload);
    this.#next++;
    this.counters.batches++;
    const outcome = this.#sink.batch(payload);
    if (outcome === 'cleared') {
      this.#complete = true;
      this.#lack = undefined;
      this.#rebuildAtNs = undefined;
      this.#rebuildNs = this.#options.rebuildNs;
    } else if (outcome === 'unreadable') {
      this.counters.unreadable++;
      this.#lose('unreadable_batch');
    }
  }

  #drain(): void {
    if (this.#suspect) return;
    for (;;) {
      const payload = this.#waiting.take(this.#next);
      if (payload === undefined) return;
      this.#apply(payload);
    }
  }

  /** The engine has begun anew: so does the session. */
  #restarted(nowNs: Ns): void {
    this.counters.restarts++;
    this.#beginAnew();
    this.#waiting.clear();
    this.#attempts = 0;
    this.#ask('start', nowNs);
  }

  #beginAnew(): void {
    this.#sink.restart();
    this.#complete = true;
    this.#lack = undefined;
    this.#suspect = false;
    this.#adopts = false;
    this.#rebuildAtNs = undefined;
    this.#rebuildNs = this.#options.rebuildNs;
    this.#jump(this.#options.firstSequence);
  }

  #jump(sequence: number): void {
    this.#next = sequence;
    this.#digests.restart(sequence);
  }

  #adopt(sequence: number): void {
    this.#adopts = false;
    this.#heard = true;
    this.#jump(sequence);
  }

  /** What is known may be wrong from now on, so that it is known no more. */
  #lose(lack: SessionLack): void {
    this.#complete = false;
    this.#lack = lack;
    this.#sink.forget();
  }

  #ask(purpose: Purpose, nowNs: Ns): void {
    const { firstSequence, overlap, replayTimeoutNs } = this.#options;
    const known = Math.max(this.#digests.from, this.#next - overlap);
    const from = purpose === 'rebuild' ? firstSequence : Math.max(firstSequence, known);
    const id = ++this.#requests;
    this.#retry = undefined;
    this.#request = { id, from };
    this.#asked = {
      id,
      from,
      purpose,
      nextBefore: this.#next,
      answered: false,
      deadlineNs: nowNs + replayTimeoutNs,
    };
  }

  #stopAsking(): void {
    this.#asked = undefined;
    this.#request = undefined;
    this.#retry = undefined;
    this.#attempts = 0;
  }

  /** A replay has not brought what it should: it is asked for again, up to a limit. */
  #tryAgain(purpose: Purpose, lack: SessionLack, nowNs: Ns): void {
    this.#attempts++;
    if (this.#attempts < this.#options.attemptsMax) {
      const backOffNs = this.#options.backOffNs * 2 ** (this.#attempts - 1);
      this.#retry = { purpose, atNs: nowNs + backOffNs };
      return;
    }
    const nothingMissed = !this.#suspect && this.#waiting.size === 0 && this.#heard;
    if (!nothingMissed) {
      this.#giveUp(lack, nowNs);
      return;
    }
    this.#attempts = 0;
    this.#unverified = true;
    this.#lack ??= lack;
    if (purpose === 'rebuild') this.#rebuildLater(nowNs);
    this.#probeAtNs = nowNs + this.#options.probeMaxNs;
  }

  /** Goes on without what is missing, and asks for everything once more later. */
  #giveUp(lack: SessionLack, nowNs: Ns): void {
    this.#stopAsking();
    this.#lose(lack);
    this.#heard = true;
    this.#suspect = false;
    const start = this.#waiting.lastRunStart();
    if (start === undefined) {
      this.#adopts = true;
    } else {
      this.#waiting.dropBefore(start);
      this.#jump(start);
      this.#drain();
    }
    this.#rebuildLater(nowNs);
  }

  #rebuildLater(nowNs: Ns): void {
    this.#rebuildAtNs = nowNs + this.#rebuildNs;
    this.#rebuildNs = Math.min(2 * this.#rebuildNs, this.#options.rebuildMaxNs);
  }

  /** The engine has just spoken: it is asked again only when it has been quiet for a while. */
  #quietSince(nowNs: Ns): void {
    this.#probeNs = this.#options.probeNs;
    this.#probeAtNs = nowNs + this.#probeNs;
  }
}
