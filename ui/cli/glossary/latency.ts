import type { Metric } from './metric.ts';

/** Distributions over requests or over tokens, in milliseconds. */
export const LATENCY_METRICS: readonly Metric[] = [
  {
    key: 'summary.ttft_ms',
    name: 'TTFT',
    aliases: ['time_to_first_token'],
    unit: 'ms',
    definition:
      'Time to first token: how long a request waits for its first output token, queues and prefill included. One sample per completed request with output.',
    formula: 'first token − arrival',
    confusedWith:
      'Prefill time. TTFT also holds the wait in the router and in the worker, which is most of it on a loaded cluster. In a closed loop arrival is the moment of sending.',
  },
  {
    key: 'summary.tpot_ms',
    name: 'TPOT',
    aliases: ['time_per_output_token'],
    unit: 'ms',
    definition:
      "Time per output token: a request's own mean gap between tokens, its first token left out. One sample per completed request with at least two tokens.",
    formula: '(last token − first token) ÷ (output tokens − 1)',
    confusedWith:
      'ITL, which has one sample per gap. A long output counts once in TPOT and hundreds of times in ITL, and a stall that TPOT averages away is plain to see in the p99 of ITL.',
  },
  {
    key: 'summary.itl_ms',
    name: 'ITL',
    aliases: ['inter_token_latency', 'tbt', 'time_between_tokens'],
    unit: 'ms',
    definition:
      'Inter-token latency: the gap between two neighbouring output tokens. All gaps of all completed requests in one pool, so n is a number of gaps.',
    formula: 'token k+1 − token k, for every k',
    confusedWith:
      'TPOT, which has one sample per request. slo.itl_ms is judged by a request’s mean gap, as AIPerf judges goodput, not by its single gaps.',
  },
  {
    key: 'summary.e2e_ms',
    name: 'E2E',
    aliases: ['e2el', 'e2e_latency', 'end_to_end_latency', 'request_latency', 'latency'],
    unit: 'ms',
    definition:
      'End-to-end latency: how long a request takes in all. One sample per completed request.',
    formula: 'last token − arrival',
    confusedWith:
      'Service time. E2E begins at arrival, so that it holds every queue; and it grows with the output, so compare it only between runs on the same requests.',
  },
  {
    key: 'summary.queue_ms',
    name: 'queue time',
    aliases: ['queue', 'queueing', 'queue_wait', 'wait'],
    unit: 'ms',
    definition:
      'How long a request waits, in the router and in the worker, before its first forward pass. One sample per completed request. Waiting again after a preemption is not in it.',
    formula: 'first admission to a batch − arrival',
    confusedWith: 'TTFT, which is queue time plus the passes of the prefill.',
  },
];
