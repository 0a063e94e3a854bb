import { growColumn } from '#core/base/columns.ts';
import type { PendingRequests } from './pending-requests.ts';

/** A binary heap of waiting requests; the one that leaves first is on top. */
export class PendingLane {
  readonly #pending: PendingRequests;
  #heap = new Int32Array(16);
  #count = 0;

  constructor(pending: PendingRequests) {
    this.#pending = pending;
  }

  get count(): number {
    return this.#count;
  }

  /** The row that leaves next, −1 = empty. */
  get head(): number {
    return this.#count === 0 ? -1 : this.#heap[0]!;
  }

  push(row: number): void {
    this.#heap = growColumn(this.#heap, this.#count + 1);
    this.#count++;
    this.#siftUp(this.#count - 1, row);
  }

  /** Takes a row out, wherever it stands. */
  remove(row: number): void {
    const hole = this.#pending.position[row]!;
    this.#count--;
    if (hole === this.#count) return;
    const moved = this.#heap[this.#count]!;
    if (hole > 0 && this.#pending.precedes(moved, this.#heap[(hole - 1) >> 1]!)) {
      this.#siftUp(hole, moved);
    } else {
      this.#siftDown(hole, moved);
    }
  }

  #siftUp(from: number, row: number): void {
    const pending = this.#pending;
    const heap = this.#heap;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      if (!pending.precedes(row, heap[above]!)) break;
      this.#put(place, heap[above]!);
      place = above;
    }
    this.#put(place, row);
  }

  #siftDown(from: number, row: number): void {
    const pending = this.#pending;
    const heap = this.#heap;
    let place = from;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= this.#count) break;
      if (below + 1 < this.#count && pending.precedes(heap[below + 1]!, heap[below]!)) below++;
      if (!pending.precedes(heap[below]!, row)) break;
      this.#put(place, heap[below]!);
      place = below;
    }
    this.#put(place, row);
  }

  #put(place: number, row: number): void {
    this.#heap[place] = row;
    this.#pending.position[row] = place;
  }
}
