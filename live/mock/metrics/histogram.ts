/** Observations counted by the first bucket whose bound they do not exceed. */
export class Histogram {
  /** Upper bounds, rising, without the infinite one. */
  readonly bounds: readonly number[];
  sum = 0;
  count = 0;
  readonly #counts: Float64Array;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = new Float64Array(bounds.length);
  }

  /** Adds `times` equal observations. */
  observe(value: number, times = 1): void {
    this.sum += value * times;
    this.count += times;
    const bucket = this.bounds.findIndex((bound) => value <= bound);
    if (bucket >= 0) this.#counts[bucket]! += times;
  }

  /** Observations up to each bound. */
  cumulative(): readonly number[] {
    let sum = 0;
    return Array.from(this.#counts, (count) => {
      sum += count;
      return sum;
    });
  }
}

/** 1, 2, 5, 10, 20, 50 … up to `most`. */
export function oneTwoFive(most: number): readonly number[] {
  const bounds: number[] = [];
  for (let power = 1; power <= most; power *= 10) {
    for (const step of [1, 2, 5]) if (step * power <= most) bounds.push(step * power);
  }
  return bounds;
}
