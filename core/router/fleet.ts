import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';

/**
 * The targets that may be chosen now, in the order of their ids. A target is one worker, or one
 * rank of a worker with data-parallel attention.
 *
 *     targets[i]         the i-th target, i < count, ascending
 *     #present[target]   1 = may be chosen
 */
export class Fleet {
  targets = new Int32Array(16);
  count = 0;
  #present = new Uint8Array(16);

  /** Ids at or above this have never been added. */
  get limit(): number {
    return this.#present.length;
  }

  has(target: number): boolean {
    return target < this.#present.length && this.#present[target] === 1;
  }

  add(target: number): void {
    assert(target >= 0 && !this.has(target), `target ${target} is there already`);
    this.#present = growColumn(this.#present, target + 1);
    this.targets = growColumn(this.targets, this.count + 1);
    let place = this.count;
    while (place > 0 && this.targets[place - 1]! > target) {
      this.targets[place] = this.targets[place - 1]!;
      place--;
    }
    this.targets[place] = target;
    this.#present[target] = 1;
    this.count++;
  }

  remove(target: number): void {
    assert(this.has(target), `target ${target} is not there`);
    const place = this.targets.subarray(0, this.count).indexOf(target);
    this.targets.copyWithin(place, place + 1, this.count);
    this.#present[target] = 0;
    this.count--;
  }
}
