import { compareAll, pairsOf } from './compare-all.ts';
import type { MetricComparison } from './metric-comparison.ts';
import { TENANT_METRICS } from './metrics.ts';
import type { TallyResult } from './tally.ts';

/** What the candidates did for one tenant. */
export interface TenantComparison {
  readonly name: string;
  /** Requests of the tenant that every candidate completed, in the seed that has the fewest. */
  readonly paired_requests: number;
  readonly candidates: readonly {
    readonly name: string;
    readonly metrics: Readonly<Record<string, MetricComparison>>;
  }[];
}

/** Holds the candidates against the baseline, tenant by tenant. */
export function compareTenants(
  { tenants, units }: TallyResult,
  names: readonly string[],
  baseline: number,
): TenantComparison[] {
  return tenants.map(({ name, pairedRequests, series }) => {
    const pairs = pairsOf(names.length, baseline, false);
    const judged = compareAll({ series, units, pairedRequests }, TENANT_METRICS, pairs, []);
    return {
      name,
      paired_requests: pairedRequests,
      candidates: names.map((candidate, index) => ({
        name: candidate,
        metrics: judged.of(index, baseline),
      })),
    };
  });
}
