import type { Ns } from '#core/base/time.ts';
import type { WakingClock } from '#live/mock/time/waking-clock.ts';

interface Alarm {
  readonly atNs: Ns;
  readonly call: () => void;
}

/** A clock that stands still until it is moved, and then wakes one after the other whoever is due. */
export class VirtualClock implements WakingClock {
  #nowNs: Ns = 0;
  /** By time, and in the order of asking. */
  #alarms: Alarm[] = [];

  nowNs(): Ns {
    return this.#nowNs;
  }

  wakeAt(atNs: Ns, call: () => void): () => void {
    if (atNs === Number.POSITIVE_INFINITY) return () => {};
    const alarm = { atNs: Math.max(atNs, this.#nowNs), call };
    const place = this.#alarms.findLastIndex((other) => other.atNs <= alarm.atNs);
    this.#alarms.splice(place + 1, 0, alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** When somebody is due next; infinite when nobody is. */
  get nextNs(): Ns {
    return this.#alarms[0]?.atNs ?? Number.POSITIVE_INFINITY;
  }

  /** Moves to the next alarm and rings it; false when there is none. */
  ring(): boolean {
    const alarm = this.#alarms.shift();
    if (alarm === undefined) return false;
    this.#nowNs = alarm.atNs;
    alarm.call();
    return true;
  }

  /** Moves to a moment before which nobody is due. */
  moveTo(atNs: Ns): void {
    this.#nowNs = atNs;
  }
}
