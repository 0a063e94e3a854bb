import type { Ns } from '#core/base/time.ts';
import type { HostedEngine } from '#sim/public.ts';
import type { EngineTime } from './time/engine-time.ts';
import type { WakingClock } from './time/waking-clock.ts';

/**
 * Steps an engine by a clock. A pass ends at the very moment that the model says, in engine time,
 * however late the clock wakes; so times never drift, and a clock that is moved by hand gives what a
 * simulation gives. A pass begins after everything that was asked at that moment.
 */
export class EngineDriver {
  readonly #engine: HostedEngine;
  readonly #clock: WakingClock;
  readonly #time: EngineTime;
  /** When the next pass may begin; infinite while one is under way or there is nothing to do. */
  #readyNs: Ns = Number.POSITIVE_INFINITY;
  /** The moment at which something is done just now. */
  #actingNs: Ns | undefined;
  #undoWake: () => void = () => {};
  #stopped = false;

  constructor(engine: HostedEngine, clock: WakingClock, time: EngineTime) {
    this.#engine = engine;
    this.#clock = clock;
    this.#time = time;
  }

  /**
   * Does something with the engine at this moment, before any pass begins at it. What it does through
   * further calls of this kind happens at the same moment.
   */
  act<Result>(what: (nowNs: Ns) => Result): Result {
    if (this.#actingNs !== undefined) return what(this.#actingNs);
    const nowNs = this.#catchUp();
    this.#actingNs = nowNs;
    let result: Result;
    try {
      result = what(nowNs);
    } finally {
      this.#actingNs = undefined;
    }
    if (!this.#engine.busy) this.#readyNs = Math.min(this.#readyNs, nowNs);
    this.#wakeWhenDue();
    return result;
  }

  /** Looks at the engine as it is at this moment. */
  look<Result>(at: (nowNs: Ns) => Result): Result {
    const result = at(this.#catchUp());
    this.#wakeWhenDue();
    return result;
  }

  /** Engine time runs at another rate from now on. */
  changeRate(rate: number): void {
    this.#catchUp();
    this.#time.changeRate(rate, this.#clock.nowNs());
    this.#wakeWhenDue();
  }

  /** No pass ends or begins any more. */
  stop(): void {
    this.#stopped = true;
    this.#undoWake();
  }

  /** Ends and begins all passes that lie before this moment. */
  #catchUp(): Ns {
    const engine = this.#engine;
    const nowNs = this.#time.engineNs(this.#clock.nowNs());
    while (!this.#stopped) {
      if (engine.busy) {
        if (engine.passEndNs > nowNs) break;
        engine.completePass();
        this.#readyNs = engine.passEndNs;
      } else if (this.#readyNs < nowNs) {
        this.#begin();
      } else break;
    }
    return nowNs;
  }

  #begin(): void {
    const atNs = this.#readyNs;
    this.#readyNs = Number.POSITIVE_INFINITY;
    this.#engine.startPass(atNs);
  }

  #wake(): void {
    const nowNs = this.#catchUp();
    if (!this.#stopped && !this.#engine.busy && this.#readyNs <= nowNs) this.#begin();
    this.#wakeWhenDue();
  }

  #wakeWhenDue(): void {
    this.#undoWake();
    if (this.#stopped) return;
    const dueNs = this.#engine.busy ? this.#engine.passEndNs : this.#readyNs;
    if (dueNs === Number.POSITIVE_INFINITY) return;
    this.#undoWake = this.#clock.wakeAt(this.#time.clockNs(dueNs), () => this.#wake());
  }
}
