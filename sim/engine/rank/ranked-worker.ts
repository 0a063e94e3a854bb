import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import type { ExtentPool } from '#core/kv/extents/extent-pool.ts';
import type { EngineWorker, ProgressListener } from '../engine-worker.ts';
import type { Leap } from '../leap/leap.ts';
import { SteppedRun } from '../leap/stepped-run.ts';
import { RowList } from '../row-list.ts';
import type { PassShape } from '../timing/timing-model.ts';
import type { WorkerSample } from '../worker-sample.ts';
import type { WorkerTally } from '../worker-tally.ts';
import type { EngineRank } from './engine-rank.ts';
import type { EngineState } from './engine-state.ts';
import { countUnread, takeOut } from './give-up.ts';
import {
  begin,
  carryOut,
  carryOutWishes,
  countBlocksApart,
  grantReservations,
} from './hand-over.ts';
import { Wish } from './handoff.ts';
import { noteOtherTokens } from './other-tokens.ts';
import type { PassClock } from './pass-clock.ts';
import { probe } from './probe.ts';

/** More passes than any leap has; a whole number, so that the column of passes stays one. */
const MOST_PASSES = 2 ** 30;

/**
 * One worker of one rank or, with data-parallel attention, of several, each with a scheduler and
 * blocks of its own, that take their passes together: a pass begins when all are done with the last
 * one and ends with the slowest.
 */
export class RankedWorker implements EngineWorker {
  busy = false;
  version = 0;
  protected readonly clock: PassClock;
  readonly #ranks: readonly EngineRank[];
  /** The first so many have something to do in the pass that is under way. */
  readonly #active: EngineRank[];
  #activeCount: number;
  /** Requests whose clients have gone in the pass that is under way, and their ranks. */
  readonly #leaving = new RowList();
  readonly #leavingRank = new RowList();
  /** The leap that several ranks take together; computed when it begins. */
  readonly #together: SteppedRun | undefined;
  /** Scratch: what its ranks do in the pass that is about to begin. */
  readonly #shapes: PassShape[] = [];
  /** Whether requests are handed over from here, or to here. */
  readonly #handsOver: boolean;

  /** `ranks`: at least one, all on the same clock. */
  constructor(clock: PassClock, ranks: readonly EngineRank[]) {
    this.clock = clock;
    this.#ranks = ranks;
    this.#active = [...ranks];
    this.#activeCount = ranks.length;
    this.#together = ranks.length > 1 ? new SteppedRun() : undefined;
    this.#handsOver = ranks[0]!.engine.settings.role !== 'aggregated';
  }

  pool(rank: number): ExtentPool {
    return this.#ranks[rank]!.pool;
  }

  get passEndNs(): Ns {
    return this.clock.endNs;
  }

  get firstTokens(): RowList {
    return this.clock.firstTokens;
  }

  get ended(): RowList {
    return this.clock.ended;
  }

  get dropped(): RowList {
    return this.clock.dropped;
  }

  get held(): RowList {
    return this.clock.held;
  }

  get released(): RowList {
    return this.clock.released;
  }

  get activated(): RowList {
    return this.clock.activated;
  }

  get reserved(): RowList {
    return this.clock.reserved;
  }

  get waitingRequests(): number {
    let waiting = 0;
    for (const rank of this.#ranks) waiting += rank.waitingRequests;
    return waiting;
  }

  get isEmpty(): boolean {
    return this.#ranks.every(({ running, waitingRequests, handoff }) => {
      const { apart, joining, wishes } = handoff;
      return running.count + waitingRequests + apart + joining.count + wishes.count === 0;
    });
  }

  get tallies(): readonly WorkerTally[] {
    return this.#ranks.map((rank) => rank.tally);
  }

  listPrompts(rank: number, rows: RowList): void {
    const { completing, prefilling } = this.#ranks[rank]!;
    for (let entry = 0; entry < completing.count; entry++) rows.push(completing.rows[entry]!);
    if (prefilling >= 0) rows.push(prefilling);
  }

  sample(rank: number, atNs: Ns, sample: WorkerSample): void {
    const state = this.#ranks[rank]!;
    const place = this.#active.indexOf(state);
    const takesPart = this.busy && place >= 0 && place < this.#activeCount;
    const elapsedNs = atNs - this.clock.startNs;
    const { passes } = this.clock;
    const ended = takesPart && passes > 1 ? this.#leap().passesWithin(elapsedNs, passes - 1) : 0;
    probe(state, ended, sample);
    if (takesPart) sample.busyNs += elapsedNs;
  }

  enqueue(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    return this.#ranks[rank]!.enqueue(row) && this.#cutLeap(nowNs, passesBegan);
  }

  cancel(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    const { requests, sequences } = this.#ranks[rank]!.engine;
    sequences.abandoned[row] = 1;
    requests.outputTokens[row] = this.#generatedBy(rank, row, nowNs);
    this.#leaving.push(row);
    this.#leavingRank.push(rank);
    if (this.busy) return this.#cutLeap(nowNs, passesBegan);
    if (this.#handsOver) this.#countBlocksApart(nowNs);
    this.#letGo(nowNs);
    return false;
  }

  /** Tokens that a request has by now, those of ended passes of a leap under way included. */
  #generatedBy(rank: number, row: number, nowNs: Ns): number {
    const { batch, decodes, engine } = this.#ranks[rank]!;
    const { target, generated } = engine.sequences;
    for (let slot = 0; slot < batch.size; slot++) {
      if (batch.rowAt(slot) !== row) continue;
      const ended = this.busy && decodes ? this.#passesBy(nowNs) : 0;
      return target[row]! - batch.leftAt(slot) + ended;
    }
    return generated[row]!;
  }

  /** Between two passes: whoever has no client any more leaves, unless the pass has ended it. */
  #letGo(nowNs: Ns): void {
    const { ended, firstTokens, dropped, held, reserved, activated } = this.clock;
    for (let index = 0; index < this.#leaving.count; index++) {
      const row = this.#leaving.rows[index]!;
      const rank = this.#ranks[this.#leavingRank.rows[index]!]!;
      if (!takeOut(ended, row)) rank.drop(row, nowNs);
      for (const list of [firstTokens, held, reserved, activated]) takeOut(list, row);
      const { requests, sequences } = rank.engine;
      countUnread(requests, row, sequences.generated[row]! - requests.outputTokens[row]!);
      dropped.push(row);
    }
    this.#leaving.clear();
    this.#leavingRank.clear();
    if (this.#ranks[0]!.engine.settings.countsPasses && !this.#hasWork()) {
      this.clock.passesSinceIdle = 0;
    }
    if (this.#handsOver) for (const rank of this.#ranks) grantReservations(rank);
  }

  release(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    return this.#fulfil(Wish.release, this.#ranks[rank]!, row, nowNs, passesBegan);
  }

  reserve(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    return this.#fulfil(Wish.reserve, this.#ranks[rank]!, row, nowNs, passesBegan);
  }

  activate(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    return this.#fulfil(Wish.activate, this.#ranks[rank]!, row, nowNs, passesBegan);
  }

  withdraw(rank: number, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    return this.#fulfil(Wish.withdraw, this.#ranks[rank]!, row, nowNs, passesBegan);
  }

  missingTokens(row: number): number {
    return this.#ranks[0]!.engine.sequences.missing[row]!;
  }

  /** At once, or when the pass under way ends; true when that has moved. */
  #fulfil(wish: Wish, rank: EngineRank, row: number, nowNs: Ns, passesBegan: boolean): boolean {
    begin(rank, wish, row);
    if (this.busy) {
      const { handoff } = rank;
      // Who waits for blocks behind others gets none before a request ends, and so does a leap.
      const waits = wish === Wish.reserve && handoff.destinations.count > 0;
      handoff.wish(wish, row);
      return (!waits || rank.canNeverFit(row)) && this.#cutLeap(nowNs, passesBegan);
    }
    countBlocksApart(rank, nowNs);
    carryOut(rank, wish, row, nowNs);
    grantReservations(rank);
    return false;
  }

  /** A leap under way ends with the pass of this moment; true when `passEndNs` has moved. */
  #cutLeap(nowNs: Ns, passesBegan: boolean): boolean {
    const clock = this.clock;
    if (!this.busy || clock.passes === 1) return false;
    const leap = this.#leap();
    const elapsedNs = nowNs - clock.startNs + (passesBegan ? 1 : 0);
    const passes = leap.passesUntil(elapsedNs, clock.passes);
    if (passes === clock.passes) return false;
    clock.passes = passes;
    clock.endNs = clock.startNs + leap.spanNs(passes);
    this.version++;
    return true;
  }

  startPass(nowNs: Ns): boolean {
    assert(!this.busy, 'a pass is under way');
    const clock = this.clock;
    const active = this.#active;
    if (this.#handsOver) this.#countBlocksApart(nowNs);
    clock.startNs = nowNs;
    let passes = MOST_PASSES;
    let count = 0;
    for (let index = 0; index < this.#ranks.length; index++) {
      const rank = this.#ranks[index]!;
      if (rank.running.count + rank.waitingRequests === 0) continue;
      const ahead = rank.plan();
      // Each end of a pass grants one, also where the rank itself has nothing to do.
      const { settings } = rank.engine;
      if (settings.grantsOneByOne && rank.handoff.destinations.count > 0) passes = 1;
      if (ahead === 0) continue;
      passes = Math.min(passes, ahead);
      active[count++] = rank;
    }
    this.#activeCount = count;
    if (count === 0) return false;
    clock.passes = passes;
    this.#prepareTogether();
    clock.endNs = nowNs + this.#durationNs();
    this.endWithRun();
    this.busy = true;
    return true;
  }

  completePass(): void {
    const clock = this.clock;
    const { engine } = this.#active[0]!;
    const firstEndNs = clock.passes === 1 ? clock.endNs : this.endLeap(this.#leap(), engine);
    for (let index = 0; index < this.#activeCount; index++) {
      const rank = this.#active[index]!;
      rank.complete(firstEndNs);
      rank.handoff.countedNs = clock.endNs;
    }
    if (this.#handsOver) {
      for (const rank of this.#ranks) carryOutWishes(rank, clock.endNs);
    }
    this.endPass(engine);
  }

  /** Notes the gaps between the tokens of a leap that ends; returns when its first pass ended. */
  protected endLeap(leap: Leap, { itlNs, stream }: EngineState): Ns {
    const { startNs, passes } = this.clock;
    this.clock.leap = leap;
    if (stream === undefined) leap.addGaps(passes, itlNs);
    return startNs + leap.spanNs(1);
  }

  /** All ranks have drawn the consequences of the pass: whoever has no client any more leaves. */
  protected endPass(engine: EngineState): void {
    const clock = this.clock;
    engine.passes += clock.passes;
    if (engine.settings.countsPasses) this.#countPasses();
    this.busy = false;
    this.version++;
    if (this.#leaving.count > 0) this.#letGo(clock.endNs);
  }

  #countBlocksApart(nowNs: Ns): void {
    for (const rank of this.#ranks) countBlocksApart(rank, nowNs);
  }

  #countPasses(): void {
    const clock = this.clock;
    clock.passesSinceIdle = this.#hasWork() ? clock.passesSinceIdle + clock.passes : 0;
  }

  #hasWork(): boolean {
    for (let index = 0; index < this.#ranks.length; index++) {
      const rank = this.#ranks[index]!;
      if (rank.running.count + rank.waitingRequests > 0) return true;
    }
    return false;
  }

  #prepareTogether(): void {
    if (this.#together === undefined) return;
    const shapes = this.#shapes;
    shapes.length = this.#activeCount;
    for (let index = 0; index < shapes.length; index++) shapes[index] = this.#active[index]!.shape;
    noteOtherTokens(shapes);
    this.#together.prepare(this.#active[0]!.engine.passTime, shapes, this.clock.passes);
  }

  tellProgress(nowNs: Ns, listener: ProgressListener): void {
    const ahead = this.busy ? this.#passesBy(nowNs) : 0;
    for (const { batch, engine, decodes } of this.#ranks) {
      const ended = decodes ? ahead : 0;
      for (let slot = 0; slot < batch.size; slot++) {
        const row = batch.rowAt(slot);
        if (engine.sequences.abandoned[row] === 1) continue;
        listener.tell(row, engine.sequences.target[row]! - batch.leftAt(slot) + ended);
      }
    }
  }

  /** Passes under way that have ended by now. */
  #passesBy(nowNs: Ns): number {
    const { startNs, endNs, passes } = this.clock;
    if (nowNs >= endNs) return passes;
    return passes === 1 ? 0 : this.#leap().passesWithin(nowNs - startNs, passes);
  }

  #leap(): Leap {
    return this.#together ?? this.#active[0]!.openLeap();
  }

  #durationNs(): Ns {
    const { passes } = this.clock;
    if (passes > 1) return this.#leap().spanNs(passes);
    let slowestNs = this.#active[0]!.durationNs();
    for (let index = 1; index < this.#activeCount; index++) {
      slowestNs = Math.max(slowestNs, this.#active[index]!.durationNs());
    }
    return slowestNs;
  }

  /** Shortens a leap that would run past the end of the run: its last whole pass before that counts. */
  protected endWithRun(): void {
    const clock = this.clock;
    const { endNs } = this.#active[0]!.engine.settings;
    if (clock.passes === 1 || clock.endNs <= endNs) return;
    clock.passes = Math.max(1, this.#leap().passesWithin(endNs - clock.startNs, clock.passes));
    clock.endNs = clock.startNs + this.#durationNs();
  }
}
