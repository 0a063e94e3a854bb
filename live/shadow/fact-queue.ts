import type { SentFact, ShadowFact } from './shadow-facts.ts';

/**
 * Facts on their way to the thread of the shadow, together as they came in one turn of the event loop.
 * When too many wait there, requests that come are left out; the ends of those that the thread knows
 * are told in any case.
 */
export class FactQueue {
  /** Requests that were left out. */
  dropped = 0;
  /** Facts that the thread has not handled. */
  waiting = 0;
  readonly #limit: number;
  readonly #post: (facts: readonly ShadowFact[]) => void;
  #facts: ShadowFact[] = [];

  constructor(limit: number, post: (facts: readonly ShadowFact[]) => void) {
    this.#limit = limit;
    this.#post = post;
  }

  /** Whether so many wait that predictions would come too late to be any. */
  get isBehind(): boolean {
    return this.waiting > this.#limit / 4;
  }

  /** A request was sent; false where it is left out. */
  offer(fact: SentFact): boolean {
    if (this.waiting >= this.#limit) {
      this.dropped++;
      return false;
    }
    this.put(fact);
    return true;
  }

  /** What must be told. */
  put(fact: ShadowFact): void {
    this.waiting++;
    if (this.#facts.length === 0) setImmediate(() => this.#flush());
    this.#facts.push(fact);
  }

  /** The thread has handled so many. */
  handled(count: number): void {
    this.waiting -= count;
  }

  #flush(): void {
    const facts = this.#facts;
    this.#facts = [];
    this.#post(facts);
  }
}
