import type { EffectRule } from './ineffective-key.ts';

/** Formats that list lengths and arrivals only. */
const WITHOUT_HASH_IDS: ReadonlySet<string> = new Set([
  'azure',
  'burstgpt',
  'aiperf',
  'vllm_bench',
]);

/** Keys of the workload that mean nothing beside others. */
export const WORKLOAD_RULES: readonly EffectRule[] = [
  {
    paths: [
      'workload.arrivals',
      'workload.request_rate',
      'workload.rate_shape',
      'workload.burstiness',
      'workload.arrival_cv',
      'workload.arrival_speedup_ratio',
      'workload.arrival_jitter',
      'workload.max_concurrency',
    ],
    idle: ({ workload }) => workload.concurrency !== undefined,
    why: 'in a closed loop a request starts when another ends',
    remedy: 'leave it out, or leave workload.concurrency out; max_concurrency caps an open loop',
  },
  {
    paths: ['workload.request_rate', 'workload.rate_shape'],
    idle: ({ workload }) => workload.arrivals === 'trace',
    why: 'requests arrive at the times of the trace',
    remedy: 'leave it out, or set workload.arrivals to poisson, gamma, weibull or constant',
  },
  {
    paths: ['workload.burstiness'],
    idle: ({ workload }) => workload.arrivals !== 'gamma',
    why: 'only gamma arrivals have this shape',
    remedy: 'leave it out, or set workload.arrivals to gamma',
  },
  {
    paths: ['workload.arrival_cv'],
    idle: ({ workload }) => workload.arrivals !== 'weibull',
    why: 'only weibull arrivals are given by their CV',
    remedy: 'leave it out, or set workload.arrivals to weibull',
  },
  {
    paths: ['workload.arrival_speedup_ratio', 'workload.arrival_jitter'],
    idle: ({ workload }) => workload.arrivals !== 'trace',
    why: 'requests do not arrive at the times of the trace',
    remedy: 'leave it out, or set workload.arrivals to trace',
  },
  {
    paths: [
      'workload.client.retry_on',
      'workload.client.retry_base_ms',
      'workload.client.retry_factor',
      'workload.client.retry_max_ms',
      'workload.client.retry_jitter_ratio',
    ],
    idle: ({ workload }) => workload.client?.max_attempts === 1,
    why: 'nothing is tried again',
    remedy: 'leave it out, or set workload.client.max_attempts above 1',
  },
  {
    paths: ['workload.client.retry_factor'],
    idle: ({ workload }) => workload.client?.max_attempts === 2,
    why: 'a client waits only once',
    remedy: 'leave it out, or set workload.client.max_attempts above 2',
  },
  {
    paths: ['workload.trace_block_size'],
    idle: ({ workload }) => WITHOUT_HASH_IDS.has(workload.trace_format),
    why: 'traces of this format have no hash ids',
    remedy: 'leave it out',
  },
];
