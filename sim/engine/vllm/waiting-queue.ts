import { assert } from '#core/base/assert.ts';
import type { WaitingLine } from './waiting-line.ts';

/**
 * Requests that wait for admission, first come first served; a preempted one goes to the front.
 *
 *     #ring[(#head + i) & mask]   the i-th waiting request
 */
export class WaitingQueue implements WaitingLine {
  #ring = new Int32Array(16);
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): number {
    return this.#ring[this.#head]!;
  }

  pushBack(row: number): void {
    this.#reserve();
    this.#ring[(this.#head + this.#size) & (this.#ring.length - 1)] = row;
    this.#size++;
  }

  pushFront(row: number): void {
    this.#reserve();
    this.#head = (this.#head - 1) & (this.#ring.length - 1);
    this.#ring[this.#head] = row;
    this.#size++;
  }

  popFront(): number {
    const row = this.#ring[this.#head]!;
    this.#head = (this.#head + 1) & (this.#ring.length - 1);
    this.#size--;
    return row;
  }

  remove(row: number): void {
    const ring = this.#ring;
    const mask = ring.length - 1;
    let place = 0;
    while (place < this.#size && ring[(this.#head + place) & mask] !== row) place++;
    assert(place < this.#size, 'the request does not wait');
    this.#size--;
    for (; place < this.#size; place++) {
      ring[(this.#head + place) & mask] = ring[(this.#head + place + 1) & mask]!;
    }
  }

  #reserve(): void {
    const length = this.#ring.length;
    if (this.#size < length) return;
    const grown = new Int32Array(length * 2);
    for (let index = 0; index < length; index++) {
      grown[index] = this.#ring[(this.#head + index) & (length - 1)]!;
    }
    this.#ring = grown;
    this.#head = 0;
  }
}
