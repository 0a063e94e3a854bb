import type { Metric } from './metric.ts';

/** How the traffic was sent: a cap on the open loop, and what warmed the cluster up. */
export const LOAD_METRICS: readonly Metric[] = [
  {
    key: 'summary.cap.offered_rps',
    name: 'offered rate',
    aliases: ['offered'],
    unit: 'requests/s',
    definition:
      'The rate at which requests were due under a cap (workload.max_concurrency); of sessions the first turns.',
    formula: '(due first turns − 1) ÷ time from the first due to the last due',
    confusedWith: 'The configured request_rate, of which this is one draw.',
  },
  {
    key: 'summary.cap.achieved_rps',
    name: 'achieved rate',
    aliases: ['achieved'],
    unit: 'requests/s',
    definition: 'The rate at which they were sent. Below the offered rate, the cap held them back.',
    formula: '(sent first turns − 1) ÷ time from the first to the last send',
    confusedWith: 'Throughput, which counts what was completed.',
  },
  {
    key: 'summary.cap.binding_ratio',
    name: 'binding share',
    aliases: ['binding', 'cap'],
    unit: '0 to 1',
    definition: 'Part of the time in which a request was due and had to wait for a place.',
    formula: 'length of the union of all waits ÷ time from the first due moment to the last send',
    confusedWith: 'The part of requests that waited, which is summary.cap.delayed.',
  },
  {
    key: 'summary.cap.delay_ms',
    name: 'delay by the cap',
    aliases: ['cap_delay'],
    unit: 'ms',
    definition: 'How long a request waited outside of the cluster for a place; 0 for most.',
    formula: 'sent − due, of every request that was sent',
    confusedWith:
      'Queue time, which begins when a request is sent. No latency contains this delay.',
  },
  {
    key: 'summary.cap.due_ttft_ms',
    name: 'TTFT from due',
    aliases: ['due_ttft'],
    unit: 'ms',
    definition:
      'TTFT as users feel it who would not have waited for each other: the delay by the cap is in it.',
    formula: 'first token − due',
    confusedWith:
      'TTFT, which counts from the send, as load generators with a concurrency limit count it.',
  },
  {
    key: 'summary.warmup.requests',
    name: 'warm-up',
    aliases: ['warmup', 'warm_up'],
    unit: 'requests',
    definition:
      'Requests that were flown first and are in no statistic (workload.warmup_requests, warmup_s).',
    formula: 'a count, in the order of arrival',
  },
];
