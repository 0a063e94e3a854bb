import { growColumn } from '#core/base/columns.ts';

/** What a column of numbers looks like. Percentiles are exact, by nearest rank. */
export interface Distribution {
  readonly n: number;
  readonly mean: number;
  readonly min: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** Gathers numbers of unknown count. */
export class NumberColumn {
  #values = new Float64Array(1_024);
  #count = 0;

  push(value: number): void {
    this.#values = growColumn(this.#values, this.#count + 1);
    this.#values[this.#count++] = value;
  }

  /** The numbers in ascending order. */
  sorted(): Float64Array {
    return this.#values.slice(0, this.#count).sort();
  }
}

/** Summarises numbers in ascending order; undefined when there are none. */
export function describeSorted(sorted: Float64Array): Distribution | undefined {
  const n = sorted.length;
  if (n === 0) return undefined;
  let sum = 0;
  for (let index = 0; index < n; index++) sum += sorted[index]!;
  const rank = (quantile: number): number => sorted[Math.max(0, Math.ceil(quantile * n) - 1)]!;
  return {
    n,
    mean: sum / n,
    min: sorted[0]!,
    p50: rank(0.5),
    p95: rank(0.95),
    p99: rank(0.99),
    max: sorted[n - 1]!,
  };
}
