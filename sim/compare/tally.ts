import { assert } from '#core/base/assert.ts';
import { BLOCKS_MIN, blockCount, drawWeights } from './blocks.ts';
import { addReplicates, commonRows, measure, type Resampling } from './measure.ts';
import { METRICS } from './metrics.ts';
import type { Outcome } from './outcome.ts';

/** Resamples of every bootstrap. */
export const RESAMPLES = 2000;

/** Seeds from which the seed is the unit that is resampled. */
export const SEEDS_MIN = 5;

/** What is drawn again: whole seeds, or blocks of consecutive requests. */
export type ResamplingUnit = 'seed' | 'request_block';

/** One metric of one candidate. */
export interface MetricSeries {
  /** Mean over the seeds; NaN when a seed has no value. */
  readonly estimate: number;
  /** The same in every resample; absent where the unit cannot say anything about the metric. */
  readonly replicates?: Float64Array;
}

/** All that the tally knows in the end; series are indexed by candidate, then by metric. */
export interface TallyResult {
  readonly unit: ResamplingUnit;
  /** How many units were resampled. */
  readonly units: number;
  /** Requests that every candidate completed, in the seed that has the fewest. */
  readonly pairedRequests: number;
  /** Requests that a candidate completed and another did not, in the seed that has the most. */
  readonly unpairedRequests: readonly number[];
  readonly series: readonly (readonly MetricSeries[])[];
}

export interface TallyOptions {
  readonly candidates: number;
  readonly seeds: number;
  /** Requests of the trace; a run that is cut off may not have come to all of them. */
  readonly requests: number;
  /** Starts the bootstrap's own stream. */
  readonly seed: number;
}

/**
 * Gathers a comparison seed by seed, so that no more than one seed's requests are held at a time.
 */
export class ComparisonTally {
  readonly #candidates: number;
  readonly #seeds: number;
  readonly #requests: number;
  readonly #seed: number;
  readonly #resampling: Resampling | undefined;
  readonly #values: number[][][];
  readonly #sums: (Float64Array | undefined)[][];
  readonly #unpaired: number[];
  #paired = Number.POSITIVE_INFINITY;
  #seedsSeen = 0;

  constructor({ candidates, seeds, requests, seed }: TallyOptions) {
    this.#candidates = candidates;
    this.#seeds = seeds;
    this.#requests = requests;
    this.#seed = seed;
    this.#resampling = seeds >= SEEDS_MIN ? undefined : openResampling(requests, seed);
    this.#values = Array.from({ length: candidates }, () => METRICS.map(() => []));
    this.#sums = Array.from({ length: candidates }, () => METRICS.map(() => undefined));
    this.#unpaired = Array.from({ length: candidates }, () => 0);
  }

  /** Adds one seed: an outcome for each candidate, in the order of the candidates. */
  addSeed(outcomes: readonly Outcome[]): void {
    assert(outcomes.length === this.#candidates, 'one outcome for each candidate');
    const rows = commonRows(outcomes);
    this.#paired = Math.min(this.#paired, rows.length);
    for (const [candidate, outcome] of outcomes.entries()) {
      assert(outcome.rows <= this.#requests, 'an outcome has requests of the trace only');
      const unpaired = outcome.report.summary.completed - rows.length;
      this.#unpaired[candidate] = Math.max(this.#unpaired[candidate]!, unpaired);
      this.#addOutcome(candidate, outcome, rows);
    }
    this.#seedsSeen++;
  }

  /** Draws the series; all seeds must have been added. */
  finish(): TallyResult {
    assert(this.#seedsSeen === this.#seeds, `${this.#seedsSeen} of ${this.#seeds} seeds added`);
    const bySeed = this.#seeds >= SEEDS_MIN;
    const weights = bySeed ? drawWeights(this.#seed, this.#seeds, RESAMPLES) : undefined;
    return {
      unit: bySeed ? 'seed' : 'request_block',
      units: bySeed ? this.#seeds : blockCount(this.#requests),
      pairedRequests: this.#paired,
      unpairedRequests: this.#unpaired,
      series: this.#values.map((metrics, candidate) =>
        metrics.map((values, metric): MetricSeries => {
          const estimate = values.reduce((sum, value) => sum + value, 0) / this.#seeds;
          const replicates =
            weights === undefined
              ? this.#sums[candidate]![metric]?.map((sum) => sum / this.#seeds)
              : resampleSeeds(values, weights);
          return replicates === undefined ? { estimate } : { estimate, replicates };
        }),
      ),
    };
  }

  #addOutcome(candidate: number, outcome: Outcome, rows: Int32Array): void {
    for (const [index, metric] of METRICS.entries()) {
      this.#values[candidate]![index]!.push(measure(outcome, metric.source, rows));
      if (this.#resampling === undefined) continue;
      const sums = this.#sums[candidate]![index] ?? new Float64Array(RESAMPLES);
      const added = addReplicates(sums, outcome, metric.source, rows, this.#resampling);
      if (added) this.#sums[candidate]![index] = sums;
    }
  }
}

/** Blocks of requests and how often each resample draws them; undefined when they are too few. */
function openResampling(requests: number, seed: number): Resampling | undefined {
  const blocks = blockCount(requests);
  if (blocks < BLOCKS_MIN) return undefined;
  const weights = drawWeights(seed, blocks, RESAMPLES);
  return { resamples: RESAMPLES, requests, blocks, weights };
}

function resampleSeeds(values: readonly number[], weights: Uint16Array): Float64Array {
  const replicates = new Float64Array(RESAMPLES);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    let sum = 0;
    for (const [seed, value] of values.entries()) {
      sum += weights[resample * values.length + seed]! * value;
    }
    replicates[resample] = sum / values.length;
  }
  return replicates;
}
