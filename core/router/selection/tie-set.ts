import { growColumn } from '#core/base/columns.ts';
import type { RandomStream } from '#core/base/random.ts';

/** The candidates of the least cost seen so far, in the order offered; reused for each decision. */
export class TieSet {
  #targets = new Int32Array(16);
  count = 0;
  /** The least cost, +Infinity while nothing was offered. */
  cost = Infinity;

  clear(): void {
    this.count = 0;
    this.cost = Infinity;
  }

  /** Offers a candidate; equal means equal to the last bit. */
  offer(target: number, cost: number): void {
    if (cost > this.cost) return;
    if (cost < this.cost) {
      this.cost = cost;
      this.count = 0;
    }
    if (this.count === this.#targets.length) {
      this.#targets = growColumn(this.#targets, this.count + 1);
    }
    this.#targets[this.count] = target;
    this.count++;
  }

  /** The n-th of them. */
  at(n: number): number {
    return this.#targets[n]!;
  }

  /** One of them, uniformly; a set of one draws nothing from the stream. Not for an empty set. */
  draw(stream: RandomStream): number {
    return this.#targets[this.count === 1 ? 0 : stream.nextBelow(this.count)]!;
  }
}
