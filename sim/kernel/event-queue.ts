import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/**
 * The phases of one instant, in the order in which they happen. Workers that start, transfers,
 * telemetry and scaling have their places here before anything uses them.
 */
export const Phase = {
  passCompleted: 0,
  workerReady: 1,
  transferCompleted: 2,
  admission: 3,
  telemetry: 4,
  scaling: 5,
} as const;

/**
 * Pending events as a binary heap in columns, ordered by (time, phase, sequence). The sequence is
 * given by the caller (a request's row, a worker's number), so that the order of simultaneous events
 * follows from the model and not from the order of calls; equal keys leave in any order.
 *
 *     time[slot], phase[slot], sequence[slot]   the key
 *     subject[slot], version[slot]              what it is about
 *
 * Popping leaves the event in the `…` fields of the queue; nothing is allocated. An event that was
 * overtaken is not taken out: it carries an old version and its owner ignores it.
 */
export class EventQueue {
  timeNs: Ns = 0;
  phase = 0;
  sequence = 0;
  subject = 0;
  version = 0;
  #size = 0;
  #time = new Float64Array(64);
  #phase = new Uint8Array(64);
  #sequence = new Float64Array(64);
  #subject = new Int32Array(64);
  #version = new Int32Array(64);

  get size(): number {
    return this.#size;
  }

  /** Time of the next event; infinite when there is none. */
  get nextTimeNs(): Ns {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#time[0]!;
  }

  /** Phase of the next event. */
  get nextPhase(): number {
    return this.#phase[0]!;
  }

  push(timeNs: Ns, phase: number, sequence: number, subject: number, version: number): void {
    assert(timeNs >= this.timeNs, 'an event lies in the past');
    let slot = this.#size++;
    if (slot >= this.#time.length) this.#grow(slot + 1);
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      if (!this.#isBefore(timeNs, phase, sequence, above)) break;
      this.#move(above, slot);
      slot = above;
    }
    this.#time[slot] = timeNs;
    this.#phase[slot] = phase;
    this.#sequence[slot] = sequence;
    this.#subject[slot] = subject;
    this.#version[slot] = version;
  }

  /** Takes the next event into the fields of this object. */
  pop(): void {
    assert(this.#size > 0, 'popped an empty queue');
    this.timeNs = this.#time[0]!;
    this.phase = this.#phase[0]!;
    this.sequence = this.#sequence[0]!;
    this.subject = this.#subject[0]!;
    this.version = this.#version[0]!;
    const last = --this.#size;
    if (last > 0) this.#sink(last);
  }

  /** Lets the event of slot `last` sink from the root, where a hole is. */
  #sink(last: number): void {
    const timeNs = this.#time[last]!;
    const phase = this.#phase[last]!;
    const sequence = this.#sequence[last]!;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= last) break;
      const right = child + 1;
      if (right < last && this.#slotBefore(right, child)) child = right;
      if (this.#isBefore(timeNs, phase, sequence, child)) break;
      this.#move(child, hole);
      hole = child;
    }
    this.#move(last, hole);
  }

  #slotBefore(slot: number, other: number): boolean {
    return this.#isBefore(this.#time[slot]!, this.#phase[slot]!, this.#sequence[slot]!, other);
  }

  #isBefore(timeNs: Ns, phase: number, sequence: number, slot: number): boolean {
    if (timeNs !== this.#time[slot]!) return timeNs < this.#time[slot]!;
    if (phase !== this.#phase[slot]!) return phase < this.#phase[slot]!;
    return sequence < this.#sequence[slot]!;
  }

  #move(from: number, to: number): void {
    this.#time[to] = this.#time[from]!;
    this.#phase[to] = this.#phase[from]!;
    this.#sequence[to] = this.#sequence[from]!;
    this.#subject[to] = this.#subject[from]!;
    this.#version[to] = this.#version[from]!;
  }

  #grow(rows: number): void {
    this.#time = growColumn(this.#time, rows);
    this.#phase = growColumn(this.#phase, rows);
    this.#sequence = growColumn(this.#sequence, rows);
    this.#subject = growColumn(this.#subject, rows);
    this.#version = growColumn(this.#version, rows);
  }
}
