import { assert } from '../base/assert.ts';

/** Errors of predictions relative to what came: −0.5 = half of it was predicted, 1 = twice as much. */
export interface ErrorSummary {
  /** Errors in the window. */
  readonly count: number;
  /** With their signs: what is wrong with predictions on average. */
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  /** Without: how far off a prediction is. */
  readonly absolute: { readonly mean: number; readonly p50: number; readonly p90: number };
}

/** The errors of the last so many predictions. */
export class ErrorWindow {
  readonly #errors: Float64Array;
  #added = 0;
  /** Of the errors as they are; undefined where that is still to be found out. */
  #summary: ErrorSummary | undefined;

  constructor(length: number) {
    assert(length >= 1, 'a window of one prediction or more');
    this.#errors = new Float64Array(length);
  }

  /** Takes what was predicted and what came, in one unit; what takes no time has no relative error. */
  add(predicted: number, came: number): void {
    if (!(came > 0)) return;
    this.#errors[this.#added % this.#errors.length] = (predicted - came) / came;
    this.#added++;
    this.#summary = undefined;
  }

  /** Undefined without a prediction. Quantiles are nearest ranks. */
  summary(): ErrorSummary | undefined {
    this.#summary ??= this.#sumUp();
    return this.#summary;
  }

  #sumUp(): ErrorSummary | undefined {
    const count = Math.min(this.#added, this.#errors.length);
    if (count === 0) return undefined;
    const errors = this.#errors.slice(0, count);
    return {
      count,
      ...summaryOf(errors),
      absolute: summaryOf(errors.map(Math.abs)),
    };
  }
}

function summaryOf(values: Float64Array): { mean: number; p50: number; p90: number } {
  const sorted = values.slice().sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1]!;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, p50: at(0.5), p90: at(0.9) };
}
