import type { Resampling } from './blocks.ts';
import { addReplicates, measure } from './measure.ts';
import type { Metric } from './metrics.ts';
import type { PairedOutcome } from './paired-outcome.ts';

/** One metric of one candidate. */
export interface MetricSeries {
  /** Mean over the seeds; NaN when a seed has no value. */
  readonly estimate: number;
  /** The same in every resample; absent where the unit cannot say anything about the metric. */
  readonly replicates?: Float64Array;
}

/** Gathers some metrics of every candidate over the same rows, seed by seed. */
export class SeriesTally {
  readonly #metrics: readonly Metric[];
  /** By candidate, then by metric, then by seed. */
  readonly #values: number[][][];
  /** Resamples of blocks of requests, added up over the seeds. */
  readonly #sums: (Float64Array | undefined)[][];

  constructor(metrics: readonly Metric[], candidates: number) {
    this.#metrics = metrics;
    this.#values = Array.from({ length: candidates }, () => metrics.map(() => []));
    this.#sums = Array.from({ length: candidates }, () => metrics.map(() => undefined));
  }

  /** Adds a seed of a candidate; with a resampling, blocks of its requests are drawn. */
  add(candidate: number, paired: PairedOutcome, resampling: Resampling | undefined): void {
    for (const [index, { source }] of this.#metrics.entries()) {
      this.#values[candidate]![index]!.push(measure(paired, source));
      if (resampling === undefined) continue;
      const sums = this.#sums[candidate]![index] ?? new Float64Array(resampling.resamples);
      const added = addReplicates(sums, paired, source, resampling);
      if (added) this.#sums[candidate]![index] = sums;
    }
  }

  /**
   * The series by candidate, then by metric. `weights` says how often each seed is drawn in each of
   * `resamples`; without it, the blocks that were drawn on the way are taken.
   */
  finish(seeds: number, resamples: number, weights: Uint16Array | undefined): MetricSeries[][] {
    return this.#values.map((metrics, candidate) =>
      metrics.map((values, metric): MetricSeries => {
        // A tenant may be missing under some seeds: then there is no mean over all of them.
        if (values.length < seeds) return { estimate: Number.NaN };
        const estimate = values.reduce((sum, value) => sum + value, 0) / seeds;
        const replicates =
          weights === undefined
            ? this.#sums[candidate]![metric]?.map((sum) => sum / seeds)
            : resampleSeeds(values, weights, resamples);
        return replicates === undefined ? { estimate } : { estimate, replicates };
      }),
    );
  }
}

/** The mean over the seeds that each resample draws. */
export function resampleSeeds(
  values: readonly number[],
  weights: Uint16Array,
  resamples: number,
): Float64Array {
  const replicates = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    for (const [seed, value] of values.entries()) {
      sum += weights[resample * values.length + seed]! * value;
    }
    replicates[resample] = sum / values.length;
  }
  return replicates;
}
