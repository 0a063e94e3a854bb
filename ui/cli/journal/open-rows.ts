import { TraceBatch } from '#traces/batch.ts';

/**
 * Rows of a trace whose output is told after the rows behind them: those that a live router has let
 * in and not yet seen the end of. Rows leave in the order in which they came.
 *
 *     #batch            rows that have not left
 *     #base             rows that have
 *     #open[request]    the row, counted from the first of all, whose end is still to come
 */
export class OpenRows {
  #batch = new TraceBatch();
  #base = 0;
  readonly #open = new Map<number, number>();

  /** Where the next row goes. */
  get batch(): TraceBatch {
    return this.#batch;
  }

  /** The last row stays until `close` of its request. */
  open(request: number): void {
    this.#open.set(request, this.#base + this.#batch.count - 1);
  }

  /** Rows whose end has not been told yet, by their lines in the journal, ascending. */
  get unended(): readonly number[] {
    const rows = [...this.#open.values()].sort((a, b) => a - b);
    return rows.map((row) => this.#batch.line[row - this.#base]!);
  }

  /** The request has generated so many tokens in all, as far as is known. */
  generated(request: number, tokens: number): void {
    const row = this.#open.get(request);
    if (row === undefined) return;
    const { outputTokens } = this.#batch;
    outputTokens[row - this.#base] = Math.max(1, tokens);
  }

  /** The request has ended; unknown ones are fine. */
  close(request: number): void {
    this.#open.delete(request);
  }

  /** The rows before the first one whose end is still to come. */
  takeClosed(): TraceBatch {
    let first = this.#base + this.#batch.count;
    for (const row of this.#open.values()) first = Math.min(first, row);
    return this.#take(first - this.#base);
  }

  /** All rows that are left, whatever became of them. */
  takeAll(): TraceBatch {
    this.#open.clear();
    return this.#take(this.#batch.count);
  }

  #take(count: number): TraceBatch {
    const before = this.#batch;
    this.#base += count;
    if (count === before.count) {
      this.#batch = new TraceBatch();
      return before;
    }
    const taken = new TraceBatch();
    for (let row = 0; row < count; row++) taken.appendRow(before, row);
    const kept = new TraceBatch();
    for (let row = count; row < before.count; row++) kept.appendRow(before, row);
    this.#batch = kept;
    return taken;
  }
}
