import type { Ns } from '#core/base/time.ts';
import type { HostedEngine } from '#sim/public.ts';
import type { EngineDriver } from './engine-driver.ts';

/** A request that a worker has, under the number that the engine gave it. */
export class WorkerRequest {
  readonly rank: number;
  readonly #engine: HostedEngine;
  readonly #driver: EngineDriver;
  readonly #number: number;
  #cachedTokens = 0;
  #admittedNs: Ns = -1;
  #isOver = false;
  #isGivenUp = false;

  constructor(engine: HostedEngine, driver: EngineDriver, rank: number, number: number) {
    this.#engine = engine;
    this.#driver = driver;
    this.#number = number;
    this.rank = rank;
  }

  /** Prompt tokens that were cached as it came in. */
  get cachedTokens(): number {
    return this.#isOver ? this.#cachedTokens : this.#engine.cachedTokens(this.#number);
  }

  /** When it came in, in engine time; before 0 while it waits. */
  get admittedNs(): Ns {
    return this.#isOver ? this.#admittedNs : this.#engine.admittedNs(this.#number);
  }

  /** It is over, and its number is another's from now on. */
  leave(): void {
    this.#cachedTokens = this.#engine.cachedTokens(this.#number);
    this.#admittedNs = this.#engine.admittedNs(this.#number);
    this.#isOver = true;
  }

  /** Nobody wants the rest; this, as what follows, is without effect when it is over or given up. */
  cancel(): void {
    this.#giveUp((nowNs) => this.#engine.cancel(this.#number, nowNs));
  }

  /** The copy of a held prompt is made. */
  release(): void {
    this.#giveUp((nowNs) => this.#engine.release(this.#number, nowNs));
  }

  /** The reserved blocks are filled. */
  activate(): void {
    this.#act((nowNs) => this.#engine.activate(this.#number, nowNs));
  }

  #giveUp(how: (nowNs: Ns) => void): void {
    this.#act(how);
    this.#isGivenUp = true;
  }

  #act(what: (nowNs: Ns) => void): void {
    if (this.#isOver || this.#isGivenUp) return;
    this.#driver.act((nowNs) => {
      // Passes that have ended in the meantime may have been its last.
      if (!this.#isOver) what(nowNs);
    });
  }
}
