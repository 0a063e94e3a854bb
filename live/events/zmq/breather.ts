import { setImmediate } from 'node:timers/promises';

const TURN_MS = 4;

/**
 * Lets the rest of the process have its turn: messages that are there already are received without
 * one, and a flood of them would hold everything else up.
 */
export class Breather {
  #sinceMs = performance.now();

  /** True when it is time for `rest`. */
  get isDue(): boolean {
    return performance.now() - this.#sinceMs >= TURN_MS;
  }

  async rest(): Promise<void> {
    await setImmediate();
    this.#sinceMs = performance.now();
  }
}
