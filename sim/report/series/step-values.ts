import { nearestRank } from '../statistics.ts';

/**
 * Samples of single moments gathered by the step of time that they fall into.
 *
 *     start[s] … start[s + 1]   where the values of step s lie, sorted
 */
export class StepValues {
  readonly #start: Int32Array;
  readonly #values: Float64Array;

  /** Value i belongs to step `steps[i]`; −1 = to none. */
  constructor(stepCount: number, steps: Int32Array, values: Float64Array) {
    this.#start = new Int32Array(stepCount + 1);
    for (const step of steps) if (step >= 0) this.#start[step + 1]!++;
    for (let step = 0; step < stepCount; step++) this.#start[step + 1]! += this.#start[step]!;
    this.#values = new Float64Array(this.#start[stepCount]!);
    const next = this.#start.slice();
    for (const [index, step] of steps.entries()) {
      if (step >= 0) this.#values[next[step]!++] = values[index]!;
    }
    for (let step = 0; step < stepCount; step++) this.#of(step).sort();
  }

  /** The percentile (0..100, nearest rank) of a step's values; NaN without one. */
  percentile(step: number, percentile: number): number {
    const values = this.#of(step);
    return values.length === 0 ? Number.NaN : values[nearestRank(values.length, percentile)]!;
  }

  #of(step: number): Float64Array {
    return this.#values.subarray(this.#start[step]!, this.#start[step + 1]!);
  }
}
