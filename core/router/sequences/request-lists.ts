import { growColumn } from '#core/base/columns.ts';

/**
 * The active requests of each target as a list, newest first.
 *
 *     #first[target]                its newest request, −1 = none
 *     #next, #previous[request]     neighbours in the list, −1 = end
 */
export class RequestLists {
  #first = new Int32Array(16).fill(-1);
  #next = new Int32Array(64);
  #previous = new Int32Array(64);

  /** A request of the target, −1 = it has none. */
  first(target: number): number {
    return target < this.#first.length ? this.#first[target]! : -1;
  }

  /** Puts a request, which is in no list, on the target's. */
  add(request: number, target: number): void {
    this.#reserve(request, target);
    const first = this.#first[target]!;
    this.#next[request] = first;
    this.#previous[request] = -1;
    if (first >= 0) this.#previous[first] = request;
    this.#first[target] = request;
  }

  /** Takes a request off the target's list. */
  remove(request: number, target: number): void {
    const next = this.#next[request]!;
    const previous = this.#previous[request]!;
    if (previous >= 0) this.#next[previous] = next;
    else this.#first[target] = next;
    if (next >= 0) this.#previous[next] = previous;
  }

  #reserve(request: number, target: number): void {
    this.#next = growColumn(this.#next, request + 1);
    this.#previous = growColumn(this.#previous, request + 1);
    const targets = this.#first.length;
    if (target >= targets) this.#first = growColumn(this.#first, target + 1).fill(-1, targets);
  }
}
