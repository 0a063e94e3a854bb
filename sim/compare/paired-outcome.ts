import { blockOf, type Resampling, type SortedValues, sortByValue } from './blocks.ts';
import type { Outcome, OutcomeColumn } from './outcome.ts';

/** The rows that every outcome completed: the pairs of a comparison. */
export function commonRows(outcomes: readonly Outcome[]): Int32Array {
  // A run that is cut off may not have come to the last requests of the trace.
  const shortest = Math.min(...outcomes.map((outcome) => outcome.rows));
  const rows = new Int32Array(shortest);
  let count = 0;
  for (let row = 0; row < shortest; row++) {
    if (outcomes.every((outcome) => outcome.completed[row] === 1)) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** An outcome over some of its rows; a column is sorted once, however many percentiles it gives. */
export class PairedOutcome {
  readonly outcome: Outcome;
  readonly rows: Int32Array;
  readonly #sorted = new Map<OutcomeColumn, Float64Array>();
  readonly #inBlocks = new Map<OutcomeColumn, SortedValues>();

  constructor(outcome: Outcome, rows: Int32Array) {
    this.outcome = outcome;
    this.rows = rows;
  }

  /** The values of a column that are numbers, ascending. */
  sorted(column: OutcomeColumn): Float64Array {
    const known = this.#sorted.get(column);
    if (known !== undefined) return known;
    const values = this.outcome.columns[column];
    const sorted = Float64Array.from(this.rows, (row) => values[row]!).filter(
      (value) => !Number.isNaN(value),
    );
    sorted.sort();
    this.#sorted.set(column, sorted);
    return sorted;
  }

  /** The same with the block of requests that each value lies in. */
  sortedInBlocks(column: OutcomeColumn, { requests, blocks }: Resampling): SortedValues {
    const known = this.#inBlocks.get(column);
    if (known !== undefined) return known;
    const values = this.outcome.columns[column];
    const rows = this.rows.filter((row) => !Number.isNaN(values[row]!));
    const sorted = sortByValue(
      Float64Array.from(rows, (row) => values[row]!),
      Uint16Array.from(rows, (row) => blockOf(row, requests, blocks)),
      blocks,
    );
    this.#inBlocks.set(column, sorted);
    return sorted;
  }
}
