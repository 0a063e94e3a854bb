import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import type { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import type { Leap } from '../leap/leap.ts';
import { SteppedRun } from '../leap/stepped-run.ts';
import type { RowList } from '../row-list.ts';
import type { WorkerSample } from '../worker-sample.ts';
import type { WorkerTally } from '../worker-tally.ts';
import { cachedBlocks, canNeverFit } from './capacity.ts';
import { completeRank, recordGaps, recordSecondTokens } from './complete.ts';
import type { EngineState } from './engine-state.ts';
import { openLeap } from './leap-ahead.ts';
import { PassClock } from './pass-clock.ts';
import { planRank, rankDurationNs } from './plan.ts';
import { probe } from './probe.ts';
import { WorkerState } from './worker-state.ts';

/** More passes than any leap has; a whole number, so that the column of passes stays one. */
const MOST_PASSES = 2 ** 30;

/** Hears how many tokens a request has generated so far. */
export interface ProgressListener {
  tell(row: number, generatedTokens: number): void;
}

/**
 * One worker as vLLM's V1 scheduler runs it: every pass gives each decoding request one token, then
 * spends what is left of the token budget on prompts, in order of arrival. With data-parallel
 * attention it has several ranks, each with a scheduler and blocks of its own, that take their
 * passes together. See the README of this folder for the rules and where they come from.
 *
 * The worker makes no events. `startPass` decides what the next pass (or leap of equal passes) does
 * and says when it ends; `completePass` draws the consequences and leaves them in `firstTokens`,
 * `ended` and the pools' event logs, which the cluster drains.
 */
export class VllmWorker {
  /** Whether a pass is under way. */
  busy = false;
  /** Changes when the end of a pass that is under way moves. */
  version = 0;
  readonly #clock = new PassClock();
  readonly #ranks: readonly WorkerState[];
  /** The first so many have something to do in the pass that is under way. */
  readonly #active: WorkerState[];
  #activeCount = 0;
  /** The leap that several ranks take together; computed when it begins. */
  readonly #together: SteppedRun | undefined;

  /** `firstTarget`: what the router calls its first rank. */
  constructor(engine: EngineState, firstTarget: number) {
    const { dataParallelSize } = engine.settings;
    this.#ranks = Array.from(
      { length: dataParallelSize },
      (_, rank) => new WorkerState(engine, this.#clock, firstTarget + rank),
    );
    this.#active = [...this.#ranks];
    this.#together = dataParallelSize > 1 ? new SteppedRun() : undefined;
  }

  /** The blocks of a rank. */
  pool(rank: number): ExtentPool {
    return this.#ranks[rank]!.pool;
  }

  /** End of the pass that is under way. */
  get passEndNs(): Ns {
    return this.#clock.endNs;
  }

  /** Requests whose first token came out of the pass that ended last. */
  get firstTokens(): RowList {
    return this.#clock.firstTokens;
  }

  /** Requests that it completed or rejected. */
  get ended(): RowList {
    return this.#clock.ended;
  }

  get waitingRequests(): number {
    let waiting = 0;
    for (const rank of this.#ranks) waiting += rank.waiting.size;
    return waiting;
  }

  /** What each rank has done so far. */
  get tallies(): readonly WorkerTally[] {
    return this.#ranks.map((rank) => rank.tally);
  }

  /** Writes what a rank is and has done at `atNs`, after all that happens by then. */
  sample(rank: number, atNs: Ns, sample: WorkerSample): void {
    const state = this.#ranks[rank]!;
    const place = this.#active.indexOf(state);
    const takesPart = this.busy && place >= 0 && place < this.#activeCount;
    const elapsedNs = atNs - this.#clock.startNs;
    const { passes } = this.#clock;
    const ended = takesPart && passes > 1 ? this.#leap().passesWithin(elapsedNs, passes - 1) : 0;
    probe(state, ended, sample);
    if (takesPart) sample.busyNs += elapsedNs;
  }

  /**
   * A rank takes a request in. A leap that is under way ends with the pass in which the request
   * arrived, when the request could be admitted after it; true when `passEndNs` has moved.
   * `passesBegan` says that a pass that begins now has begun already, and has not seen the request.
   */
  enqueue(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    const state = this.#ranks[rank]!;
    const clock = this.#clock;
    const { requests, sequences, settings } = state.engine;
    const room = settings.maxSequenceTokens - requests.inputTokens[row]!;
    sequences.open(row, Math.min(requests.requestedTokens[row]!, room));
    const nothingWaited = state.waiting.size === 0;
    const full = state.running.count >= settings.maxNumSeqs;
    // Who may come in with the next pass loses nothing of the cache before it.
    if (!nothingWaited || full || state.prefilling >= 0) {
      sequences.held[row] = cachedBlocks(state, row) * settings.blockSize;
    }
    state.waiting.pushBack(row);
    if (!this.busy || clock.passes === 1 || !nothingWaited || full) return false;
    // A long prompt leaves no token for others: only who may need none changes anything.
    const needsToken = sequences.target[row]! > 0 && !canNeverFit(state, row);
    if (state.prefilling >= 0 && needsToken) return false;
    const leap = this.#leap();
    const elapsedNs = nowNs - clock.startNs + (passesBegan ? 1 : 0);
    const passes = leap.passesUntil(elapsedNs, clock.passes);
    if (passes === clock.passes) return false;
    clock.passes = passes;
    clock.endNs = clock.startNs + leap.spanNs(passes);
    this.version++;
    return true;
  }

  /** Schedules the next pass at `nowNs`; false when there is nothing to do. */
  startPass(nowNs: Ns): boolean {
    assert(!this.busy, 'a pass is under way');
    const clock = this.#clock;
    const active = this.#active;
    clock.startNs = nowNs;
    let passes = MOST_PASSES;
    let count = 0;
    for (let index = 0; index < this.#ranks.length; index++) {
      const rank = this.#ranks[index]!;
      if (rank.running.count + rank.waiting.size === 0) continue;
      passes = Math.min(passes, planRank(rank));
      active[count++] = rank;
    }
    this.#activeCount = count;
    if (count === 0) return false;
    clock.passes = passes;
    this.#prepareTogether();
    clock.endNs = nowNs + this.#durationNs();
    this.#endWithRun();
    this.busy = true;
    return true;
  }

  /** The pass (or leap) ends: tokens come out, requests end, blocks become visible. */
  completePass(): void {
    const clock = this.#clock;
    const { engine } = this.#active[0]!;
    let firstEndNs = clock.endNs;
    if (clock.passes > 1) {
      const leap = this.#leap();
      leap.addGaps(clock.passes, engine.itlNs);
      firstEndNs = clock.startNs + leap.spanNs(1);
    }
    for (let index = 0; index < this.#activeCount; index++) {
      const rank = this.#active[index]!;
      if (clock.passes === 1) recordGaps(rank);
      recordSecondTokens(rank, firstEndNs);
      completeRank(rank);
    }
    engine.passes += clock.passes;
    this.busy = false;
    this.version++;
  }

  #prepareTogether(): void {
    if (this.#together === undefined) return;
    const active = this.#active.slice(0, this.#activeCount);
    const shapes = active.map((rank) => rank.shape);
    this.#together.prepare(active[0]!.engine.timing, shapes, this.#clock.passes);
  }

  /**
   * Tells how far its decoding requests have generated by now, with the tokens of those passes under
   * way that have ended: some of a leap, or one that is about to be completed.
   */
  tellProgress(nowNs: Ns, listener: ProgressListener): void {
    const ahead = this.busy ? this.#passesBy(nowNs) : 0;
    for (const { batch, engine } of this.#ranks) {
      for (let slot = 0; slot < batch.size; slot++) {
        const row = batch.rowAt(slot);
        listener.tell(row, engine.sequences.target[row]! - batch.leftAt(slot) + ahead);
      }
    }
  }

  /** Passes under way that have ended by now. */
  #passesBy(nowNs: Ns): number {
    const { startNs, endNs, passes } = this.#clock;
    if (nowNs >= endNs) return passes;
    return passes === 1 ? 0 : this.#leap().passesWithin(nowNs - startNs, passes);
  }

  #leap(): Leap {
    return this.#together ?? openLeap(this.#active[0]!);
  }

  #durationNs(): Ns {
    const { passes } = this.#clock;
    if (passes > 1) return this.#leap().spanNs(passes);
    let slowestNs = rankDurationNs(this.#active[0]!);
    for (let index = 1; index < this.#activeCount; index++) {
      slowestNs = Math.max(slowestNs, rankDurationNs(this.#active[index]!));
    }
    return slowestNs;
  }

  /** Shortens a leap that would run past the end of the run: its last whole pass before that counts. */
  #endWithRun(): void {
    const clock = this.#clock;
    const { endNs } = this.#active[0]!.engine.settings;
    if (clock.passes === 1 || clock.endNs <= endNs) return;
    clock.passes = Math.max(1, this.#leap().passesWithin(endNs - clock.startNs, clock.passes));
    clock.endNs = clock.startNs + this.#durationNs();
  }
}
