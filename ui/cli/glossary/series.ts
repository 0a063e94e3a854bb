import type { Metric } from './metric.ts';

/** The run over time, and what is asked of it. */
export const SERIES_METRICS: readonly Metric[] = [
  {
    key: 'series',
    name: 'series',
    aliases: ['time_series', 'series_step', 'timeline'],
    unit: 'one row a step',
    definition:
      'The run over time, recorded with --series-step: rates, queues, batches, KV blocks, reuse, latencies and goodput of the cluster, and of each worker. Queues, batches and blocks are what they were at the end of the step, to_ms; all else is of what happened within it.',
    formula:
      'a step is after the end of the one before, up to and with its own; the last ends with the run',
    confusedWith:
      'The step that was asked for: a run with more than a million steps × workers doubles it, and step_ms says so.',
  },
  {
    key: 'series.run.hit_ratio',
    name: 'hit ratio of a step',
    aliases: ['hit_ratio'],
    unit: '0 to 1',
    definition:
      'Part of the prompt tokens of requests first admitted within the step that was found in the cache.',
    formula: 'Σ tokens found at first admissions ÷ Σ prompt tokens of those requests',
    confusedWith:
      'prefix_cache_reused_ratio, which takes the best of all admissions of completed requests.',
  },
  {
    key: 'gates',
    name: 'gates',
    aliases: ['gate', 'slo_gate', 'threshold'],
    unit: 'one row a gate',
    definition:
      'Bounds that were asked for with --gate and whether they hold; the exit code is 1 when one does not. A gate on a number that the run does not have fails. thin marks percentiles beyond which fewer than ten samples lie.',
    formula: 'METRIC OP VALUE, OP one of <= < >= > == !=, METRIC a path of the summary',
    confusedWith: 'slo, which says what a good request is; goodput.ratio>=0.95 is a gate on it.',
  },
];
