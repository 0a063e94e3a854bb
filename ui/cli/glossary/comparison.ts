import type { Metric } from './metric.ts';

/** Numbers of `compare --format json` that have no namesake in a report. */
export const COMPARISON_METRICS: readonly Metric[] = [
  {
    key: 'candidates.metrics.p_holm',
    name: 'corrected p',
    aliases: ['p', 'p_holm', 'holm'],
    unit: '0 to 1',
    definition:
      "How surprising a difference is where there is none, corrected by Holm's procedure for all headline metrics and candidates that are judged together.",
    formula:
      'k-th smallest of m p-values × (m − k + 1), none below an earlier one; p: paired t test',
    confusedWith: 'The probability that there is no difference, which nobody knows.',
  },
  {
    key: 'candidates.metrics.verdict_holm',
    name: 'corrected verdict',
    aliases: ['verdict_holm', 'verdict'],
    unit: 'better, worse, no_difference_detected, not_assessed',
    definition:
      'What can be said of a metric when all that is judged with it may err in at most 5 % of comparisons.',
    formula: 'verdict of the interval, if p_holm ≤ 0.05; else no_difference_detected',
    confusedWith: 'verdict, which speaks of one metric of one candidate alone.',
  },
];
