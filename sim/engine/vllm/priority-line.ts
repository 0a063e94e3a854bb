import { assert } from '#core/base/assert.ts';
import type { RequestOrder } from './request-order.ts';
import type { WaitingLine } from './waiting-line.ts';

/**
 * Requests that wait for admission, the one of highest priority first and, among equals, the one that
 * joined first. A preempted one takes its place among them.
 *
 *     #heap[slot]   requests; none comes before the one at (slot − 1) / 2
 */
export class PriorityLine implements WaitingLine {
  size = 0;
  readonly #order: RequestOrder;
  readonly #heap: number[] = [];

  constructor(order: RequestOrder) {
    this.#order = order;
  }

  get first(): number {
    return this.#heap[0]!;
  }

  pushBack(row: number): void {
    this.#rise(this.size++, row);
  }

  pushFront(row: number): void {
    this.pushBack(row);
  }

  popFront(): number {
    const first = this.first;
    this.#takeOut(0);
    return first;
  }

  remove(row: number): void {
    const slot = this.#heap.indexOf(row);
    assert(slot >= 0 && slot < this.size, 'the request does not wait');
    this.#takeOut(slot);
  }

  /** The last request takes the place of one that goes, or of one before or after it. */
  #takeOut(slot: number): void {
    const heap = this.#heap;
    const last = heap[--this.size]!;
    if (slot === this.size) return;
    let hole = slot;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && this.#order.isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#order.isBefore(heap[child]!, last)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    this.#rise(hole, last);
  }

  /** Puts a request into a hole, or above it. */
  #rise(from: number, row: number): void {
    const heap = this.#heap;
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      if (!this.#order.isBefore(row, heap[above]!)) break;
      heap[slot] = heap[above]!;
      slot = above;
    }
    heap[slot] = row;
  }
}
