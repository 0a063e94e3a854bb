import { assert } from '#core/base/assert.ts';
import { BLOCKS_MIN, blockCount, drawWeights, type Resampling } from './blocks.ts';
import { METRICS } from './metrics.ts';
import type { Outcome } from './outcome.ts';
import { commonRows, PairedOutcome } from './paired-outcome.ts';
import { type MetricSeries, SeriesTally } from './series-tally.ts';
import { type TenantSeries, TenantTally } from './tenant-tally.ts';

/** Resamples of every bootstrap. */
export const RESAMPLES = 2000;

/** Seeds from which the seed is the unit that is resampled. */
export const SEEDS_MIN = 5;

/** What is drawn again: whole seeds, or blocks of consecutive requests. */
export type ResamplingUnit = 'seed' | 'request_block';

/** All that the tally knows in the end; series are indexed by candidate, then by metric. */
export interface TallyResult {
  readonly unit: ResamplingUnit;
  /** How many units were resampled. */
  readonly units: number;
  /** Requests that every candidate completed, in the seed that has the fewest. */
  readonly pairedRequests: number;
  /** Requests that a candidate completed and another did not, in the seed that has the most. */
  readonly unpairedRequests: readonly number[];
  /** Of `METRICS`. */
  readonly series: readonly (readonly MetricSeries[])[];
  /** The same of each tenant, of `TENANT_METRICS`; empty where no request names one. */
  readonly tenants: readonly TenantSeries[];
  /** Tenants of the trace beyond those that are compared. */
  readonly tenantsLeftOut: number;
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
  readonly #options: TallyOptions;
  readonly #resampling: Resampling | undefined;
  readonly #whole: SeriesTally;
  readonly #tenants: TenantTally;
  readonly #unpaired: number[];
  #paired = Number.POSITIVE_INFINITY;
  #seedsSeen = 0;

  constructor(options: TallyOptions) {
    const { candidates, seeds, requests, seed } = options;
    this.#options = options;
    this.#resampling = seeds >= SEEDS_MIN ? undefined : openResampling(requests, seed);
    this.#whole = new SeriesTally(METRICS, candidates);
    this.#tenants = new TenantTally(candidates);
    this.#unpaired = Array.from({ length: candidates }, () => 0);
  }

  /** Adds one seed: an outcome for each candidate, in the order of the candidates. */
  addSeed(outcomes: readonly Outcome[]): void {
    const { candidates, requests } = this.#options;
    assert(outcomes.length === candidates, 'one outcome for each candidate');
    const rows = commonRows(outcomes);
    this.#paired = Math.min(this.#paired, rows.length);
    for (const [candidate, outcome] of outcomes.entries()) {
      assert(outcome.rows <= requests, 'an outcome has requests of the trace only');
      const unpaired = outcome.report.summary.completed - rows.length;
      this.#unpaired[candidate] = Math.max(this.#unpaired[candidate]!, unpaired);
      this.#whole.add(candidate, new PairedOutcome(outcome, rows), this.#resampling);
    }
    this.#tenants.addSeed(outcomes, rows, this.#resampling);
    this.#seedsSeen++;
  }

  /** Draws the series; all seeds must have been added. */
  finish(): TallyResult {
    const { seeds, seed, requests } = this.#options;
    assert(this.#seedsSeen === seeds, `${this.#seedsSeen} of ${seeds} seeds added`);
    const bySeed = seeds >= SEEDS_MIN;
    const weights = bySeed ? drawWeights(seed, seeds, RESAMPLES) : undefined;
    return {
      unit: bySeed ? 'seed' : 'request_block',
      units: bySeed ? seeds : blockCount(requests),
      pairedRequests: this.#paired,
      unpairedRequests: this.#unpaired,
      series: this.#whole.finish(seeds, RESAMPLES, weights),
      tenants: this.#tenants.finish(seeds, RESAMPLES, weights),
      tenantsLeftOut: this.#tenants.leftOut,
    };
  }
}

/** Blocks of requests and how often each resample draws them; undefined when they are too few. */
function openResampling(requests: number, seed: number): Resampling | undefined {
  const blocks = blockCount(requests);
  if (blocks < BLOCKS_MIN) return undefined;
  const weights = drawWeights(seed, blocks, RESAMPLES);
  return { resamples: RESAMPLES, requests, blocks, weights };
}
