import type { MetricDelta, Verdict } from './verdict.ts';

/** A metric of a candidate: its mean over the seeds, and how it stands against another candidate. */
export interface MetricComparison extends Partial<MetricDelta> {
  readonly value: number;
  readonly unit: string;
  readonly better: 'lower' | 'higher';
  /** Fewer than ten paired requests lie beyond this percentile. */
  readonly few_samples?: true;
  /** Of "no difference", adjusted by Holm for all that is judged with it; headline metrics only. */
  readonly p_holm?: number;
  /** The verdict that holds for all of these at once. */
  readonly verdict_holm?: Verdict;
}
