import type { Clock, Timers } from '#live/clock.ts';

/** A clock that stands still until it is moved, and the timers that ring on the way. */
export class ManualClock implements Clock, Timers {
  #nowNs = 0;
  readonly #alarms = new Map<number, { readonly atNs: number; readonly wake: () => void }>();
  #set = 0;

  nowNs(): number {
    return this.#nowNs;
  }

  /** Timers that have not rung. */
  get armed(): number {
    return this.#alarms.size;
  }

  after(delayNs: number, wake: () => void): () => void {
    const id = this.#set++;
    this.#alarms.set(id, { atNs: this.#nowNs + delayNs, wake });
    return () => this.#alarms.delete(id);
  }

  /** Moves the clock; each timer rings at its own time. */
  advance(ns: number): void {
    const untilNs = this.#nowNs + ns;
    for (;;) {
      const due = [...this.#alarms.entries()]
        .filter(([, { atNs }]) => atNs <= untilNs)
        .sort(([a, first], [b, second]) => first.atNs - second.atNs || a - b)[0];
      if (due === undefined) break;
      const [id, { atNs, wake }] = due;
      this.#alarms.delete(id);
      this.#nowNs = Math.max(this.#nowNs, atNs);
      wake();
    }
    this.#nowNs = untilNs;
  }
}
