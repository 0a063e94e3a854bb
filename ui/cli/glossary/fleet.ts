import type { Metric } from './metric.ts';

/** What the workers did, what they cost, and what each tenant got. */
export const FLEET_METRICS: readonly Metric[] = [
  {
    key: 'summary.gpu_hours',
    name: 'GPU hours',
    aliases: ['gpu_time'],
    unit: 'GPU hours',
    definition:
      'What the fleet costs: all of its GPUs for all of the run, whether they worked or not.',
    formula: 'cluster.workers × cluster.gpus_per_worker × simulated hours',
    confusedWith: 'Hours of work; times gpu_busy_ratio it is those.',
  },
  {
    key: 'summary.gpu_busy_ratio',
    name: 'busy share',
    aliases: ['busy', 'gpu_utilization', 'utilization'],
    unit: '0 to 1',
    definition:
      'Part of the simulated time in which a forward pass was under way, mean of all workers.',
    formula: 'Σ durations of passes ÷ (workers × simulated time)',
    confusedWith:
      'Utilisation of the arithmetic. A pass that decodes one request keeps its GPU busy and nearly idle.',
  },
  {
    key: 'workers',
    name: 'workers',
    aliases: ['per_worker', 'worker_table'],
    unit: 'one row a worker',
    definition:
      'What each worker did, or each rank of a worker with data-parallel attention: requests, tokens, load, busy share, KV blocks, reuse, preemptions. --per-worker prints it; fleets of more than 256 are listed on request only.',
    formula: 'sums over the requests that were routed to it and over its passes',
  },
  {
    key: 'workers.load_to_mean',
    name: 'load over mean',
    aliases: ['load', 'load_share', 'imbalance'],
    unit: '×',
    definition: 'How many times the mean load one worker had; load is tokens that were computed.',
    formula: '(prefill + output tokens of the worker) ÷ mean of all workers',
    confusedWith: 'Its part of the requests: those that hit the cache are light.',
  },
  {
    key: 'workers.busy_ratio',
    name: 'busy share of a worker',
    aliases: ['busy_ratio'],
    unit: '0 to 1',
    definition: 'Part of the simulated time in which the worker had a forward pass under way.',
    formula: 'Σ durations of its passes ÷ simulated time',
  },
  {
    key: 'workers.mean_kv_blocks',
    name: 'mean KV blocks',
    aliases: ['mean_kv', 'kv_mean'],
    unit: 'blocks',
    definition: 'KV blocks of the worker that were in use, mean over the simulated time.',
    formula:
      '∫ blocks in use dt ÷ simulated time; within a leap they are taken to grow evenly, half a block for each request off at most',
    confusedWith: 'Cached blocks, which nobody uses and which are not in it.',
  },
  {
    key: 'tenants',
    name: 'tenants',
    aliases: ['per_tenant', 'tenant_table'],
    unit: 'one row a tenant',
    definition:
      'What each tenant of the trace got: TTFT, TPOT, E2E, queue time, throughput, goodput and reuse of its own requests. Absent when the trace names no tenant; requests without one are listed as (none).',
    formula: 'the definitions of the summary, over the requests of the tenant',
    confusedWith: 'A share of the hardware. Tenants share workers and caches.',
  },
  {
    key: 'policy_classes',
    name: 'policy classes',
    aliases: ['per_class', 'class_table'],
    unit: 'one row a policy class',
    definition:
      'What the requests of each policy class got, by the class that they ask for: the numbers of a row of tenants. Absent when no request asks for a class; requests that do not are listed as (none).',
    formula: 'the definitions of the summary, over the requests of the class',
    confusedWith:
      'The class that a bucket of uncached tokens leads to, which only the router knows.',
  },
  {
    key: 'tenants.output_share',
    name: 'output share of a tenant',
    aliases: ['output_share', 'tenant_share'],
    unit: '0 to 1',
    definition: 'Part of the output tokens of completed requests that went to the tenant.',
    formula: 'output tokens of the tenant ÷ output tokens of all tenants',
  },
];
