import { growColumn } from '#core/base/columns.ts';
import type { PendingRequests } from './pending-requests.ts';

const NO_ROWS = new Int32Array(0);

/**
 * A binary heap of waiting requests; the one that leaves first is on top. Most lanes of many hold one
 * request, which needs no heap.
 */
export class PendingLane {
  readonly #pending: PendingRequests;
  #head = -1;
  #heap = NO_ROWS;
  #count = 0;

  constructor(pending: PendingRequests) {
    this.#pending = pending;
  }

  get count(): number {
    return this.#count;
  }

  /** The row that leaves next, −1 = empty. */
  get head(): number {
    return this.#head;
  }

  push(row: number): void {
    this.#count++;
    if (this.#count === 1) {
      this.#head = row;
      return;
    }
    if (this.#count > this.#heap.length) this.#heap = growColumn(this.#heap, this.#count);
    if (this.#count === 2) this.#put(0, this.#head);
    this.#siftUp(this.#count - 1, row);
    this.#head = this.#heap[0]!;
  }

  /** Takes a row out, wherever it stands. */
  remove(row: number): void {
    this.#count--;
    if (this.#count === 0) {
      this.#head = -1;
      return;
    }
    const hole = this.#pending.position[row]!;
    if (hole < this.#count) this.#fill(hole);
    this.#head = this.#heap[0]!;
  }

  /** The last row moves to where one is missing. */
  #fill(hole: number): void {
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
