import type { DecisionLog } from '#core/router/decisions.ts';
import { DECISION_COLUMNS } from './fact-table.ts';

/**
 * Sums decisions up in 64 bits, order and all: equal digests, equal decisions, but for an accident
 * of one in 2⁶⁴. Two lanes of FNV-1a over 32-bit words, with primes of their own.
 */
export class DecisionDigest {
  count = 0;
  #low = 0x811c9dc5 | 0;
  #high = 0x9e3779b9 | 0;

  /** Adds a row of the log. */
  add(log: DecisionLog, row: number): void {
    for (let column = 0; column < DECISION_COLUMNS.length; column++) {
      const word = log[DECISION_COLUMNS[column]!.name][row]! | 0;
      this.#low = Math.imul(this.#low ^ word, 0x01000193);
      this.#high = Math.imul(this.#high ^ word, 0x85ebca6b);
      this.#high ^= this.#high >>> 15;
      this.#low ^= this.#low >>> 13;
    }
    this.count++;
  }

  /** Sixteen hexadecimal digits. */
  get text(): string {
    return [this.#high, this.#low].map((lane) => hex(lane)).join('');
  }
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, '0');
}
