import type { Resampling } from './blocks.ts';
import { TENANT_METRICS } from './metrics.ts';
import type { Outcome } from './outcome.ts';
import { PairedOutcome } from './paired-outcome.ts';
import { type MetricSeries, SeriesTally } from './series-tally.ts';

/** Tenants that are compared; those of a longer list that have the most requests. */
const TENANTS_MAX = 16;

/** The metrics of one tenant, by candidate, then by metric of `TENANT_METRICS`. */
export interface TenantSeries {
  readonly name: string;
  /** Its paired requests, in the seed that has the fewest. */
  readonly pairedRequests: number;
  readonly series: readonly (readonly MetricSeries[])[];
}

interface Split {
  readonly name: string;
  readonly series: SeriesTally;
  paired: number;
  seeds: number;
}

/** Splits a comparison by the tenants of its requests. */
export class TenantTally {
  readonly #candidates: number;
  #splits: readonly Split[] = [];
  #leftOut = 0;
  #seeds = 0;

  constructor(candidates: number) {
    this.#candidates = candidates;
  }

  /** Tenants beyond those that are compared. */
  get leftOut(): number {
    return this.#leftOut;
  }

  /** Adds one seed; whose a request is, the first candidate says for all. */
  addSeed(
    outcomes: readonly Outcome[],
    rows: Int32Array,
    resampling: Resampling | undefined,
  ): void {
    const { tenant, tenantNames } = outcomes[0]!;
    if (tenantNames.length === 0) return;
    const groups = tenantNames.map((name, index) => ({
      name,
      rows: rows.filter((row) => tenant[row] === index),
    }));
    if (this.#seeds++ === 0) this.#choose(groups);
    for (const { name, rows: own } of groups) {
      const split = this.#splits.find((one) => one.name === name);
      if (split === undefined) continue;
      split.paired = Math.min(split.paired, own.length);
      split.seeds++;
      for (const [candidate, outcome] of outcomes.entries()) {
        split.series.add(candidate, new PairedOutcome(outcome, own), resampling);
      }
    }
  }

  finish(seeds: number, resamples: number, weights: Uint16Array | undefined): TenantSeries[] {
    return this.#splits.map(({ name, series, paired, seeds: seen }) => ({
      name,
      pairedRequests: seen === seeds ? paired : 0,
      series: series.finish(seeds, resamples, weights),
    }));
  }

  #choose(groups: readonly { readonly name: string; readonly rows: Int32Array }[]): void {
    const bySize = groups.toSorted((a, b) => b.rows.length - a.rows.length);
    this.#leftOut = Math.max(0, bySize.length - TENANTS_MAX);
    const chosen = new Set(bySize.slice(0, TENANTS_MAX));
    this.#splits = groups
      .filter((group) => chosen.has(group))
      .map(({ name }) => ({
        name,
        series: new SeriesTally(TENANT_METRICS, this.#candidates),
        paired: Number.POSITIVE_INFINITY,
        seeds: 0,
      }));
  }
}
