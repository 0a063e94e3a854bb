import type { Metric } from './metric.ts';

/** What happened to the requests, and how much of the work the cache saved. */
export const WORK_METRICS: readonly Metric[] = [
  {
    key: 'summary.requests',
    name: 'requests',
    aliases: ['num_requests'],
    unit: 'requests',
    definition: 'Requests that arrived before the run ended.',
    formula: 'completed + rejected + incomplete',
  },
  {
    key: 'summary.completed',
    name: 'completed',
    aliases: ['completed_requests'],
    unit: 'requests',
    definition: 'Requests that got all of their output.',
    formula: 'count',
  },
  {
    key: 'summary.rejected',
    name: 'rejected',
    aliases: ['rejected_requests'],
    unit: 'requests',
    definition:
      'Requests that no worker could ever serve: longer than engine.max_model_len or than a whole KV cache.',
    formula: 'count',
    confusedWith: 'Requests that waited long; those are completed or incomplete.',
  },
  {
    key: 'summary.incomplete',
    name: 'incomplete',
    aliases: ['incomplete_requests'],
    unit: 'requests',
    definition: 'Requests that were under way when simulation.max_sim_time_ms ended the run.',
    formula: 'count',
  },
  {
    key: 'summary.input_tokens',
    name: 'input tokens',
    aliases: ['isl_total', 'total_input_tokens'],
    unit: 'tokens',
    definition: 'Prompt tokens of completed requests, cached ones included.',
    formula: 'Σ input length (ISL)',
  },
  {
    key: 'summary.output_tokens',
    name: 'output tokens',
    aliases: ['osl_total', 'total_output_tokens'],
    unit: 'tokens',
    definition: 'Output tokens of completed requests.',
    formula: 'Σ output length (OSL)',
  },
  {
    key: 'summary.prefix_cache_reused_ratio',
    name: 'reuse ratio',
    aliases: ['reuse', 'hit_rate', 'cache_hit_rate', 'prefix_cache_hit_rate'],
    unit: '0 to 1',
    definition:
      'Part of all prompt tokens that a worker found in its cache; of a request that was admitted several times the best admission counts.',
    formula: 'Σ over requests of the most tokens reused at any admission ÷ Σ input tokens',
    confusedWith:
      'The hit rate of an engine, which divides by queried blocks. A preempted request finds its own blocks when it comes back, and that raises this ratio: see first_admission_prefix_cache_reused_ratio.',
  },
  {
    key: 'summary.first_admission_prefix_cache_reused_ratio',
    name: 'reuse ratio at first admission',
    aliases: ['first_admission', 'first_admission_reuse'],
    unit: '0 to 1',
    definition:
      "Part of all prompt tokens found in the cache when the request was first admitted: reuse of others' work only.",
    formula: 'Σ over requests of tokens reused at the first admission ÷ Σ input tokens',
    confusedWith: 'prefix_cache_reused_ratio, which admissions after a preemption inflate.',
  },
  {
    key: 'summary.committed_prefill_tokens',
    name: 'prefill tokens',
    aliases: ['committed_prefill'],
    unit: 'tokens',
    definition:
      'Prompt tokens that were really computed, those computed again after a preemption included.',
    formula: 'Σ tokens of all prefill chunks',
    confusedWith: 'input_tokens, of which the cache served a part for nothing.',
  },
  {
    key: 'summary.preemptions',
    name: 'preemptions',
    aliases: ['preempted', 'num_preemptions'],
    unit: 'events',
    definition:
      'How often a running request lost its KV blocks to another and had to compute its context again.',
    formula: 'count; one request may be preempted often',
    confusedWith: 'Evictions, which drop blocks that no running request holds.',
  },
  {
    key: 'simulated_ms',
    name: 'simulated time',
    aliases: ['duration', 'duration_ms', 'makespan'],
    unit: 'ms',
    definition: 'Simulated time from the start of the trace to the end of the last request.',
    formula: 'largest end of a request, start = 0',
    confusedWith: 'host.wall_ms, the time that your own machine took.',
  },
  {
    key: 'host.wall_ms',
    name: 'wall time',
    aliases: ['wall', 'wall_time', 'wall_time_ms'],
    unit: 'ms',
    definition: 'How long the simulator itself took. Left out with --canonical.',
    formula: 'clock of the host, end − start',
    confusedWith: 'simulated_ms.',
  },
];
