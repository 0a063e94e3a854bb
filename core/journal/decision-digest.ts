import type { DecisionLog } from '#core/router/decisions.ts';
import { DECISION_COLUMNS, FIRST_DECISION_COLUMNS } from './fact-table.ts';

/** Columns of a row that a journal tells: those of the first version, and further ones up to the last that is not 0. */
export function toldColumns(log: DecisionLog, row: number): number {
  let columns = DECISION_COLUMNS.length;
  while (columns > FIRST_DECISION_COLUMNS && log[DECISION_COLUMNS[columns - 1]!.name][row] === 0) {
    columns--;
  }
  return columns;
}

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
    const columns = toldColumns(log, row);
    for (let column = 0; column < columns; column++) {
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
