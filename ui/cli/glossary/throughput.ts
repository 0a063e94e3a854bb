import type { Metric } from './metric.ts';

const MEAN_RATE =
  'A peak. It is a mean over the whole run, slow start and last stragglers included.';

/** Work per second of simulated time, and what counts as good work. */
export const THROUGHPUT_METRICS: readonly Metric[] = [
  {
    key: 'summary.request_throughput_rps',
    name: 'request throughput',
    aliases: ['rps', 'qps', 'throughput'],
    unit: 'requests/s',
    definition: 'Completed requests per second.',
    formula: 'completed ÷ time until the last completion',
    confusedWith:
      'The arrival rate. In an open loop that keeps up the two are equal, and more capacity does not raise the throughput.',
  },
  {
    key: 'summary.input_throughput_tok_s',
    name: 'input throughput',
    aliases: ['input_token_throughput', 'prefill_throughput'],
    unit: 'tokens/s',
    definition: 'Prompt tokens of completed requests per second, cached ones included.',
    formula: 'input tokens of completed requests ÷ time until the last completion',
    confusedWith:
      'Tokens computed. What the cache served is in it; summary.committed_prefill_tokens leaves that out.',
  },
  {
    key: 'summary.output_throughput_tok_s',
    name: 'output throughput',
    aliases: ['output_token_throughput', 'tok_s', 'tps', 'tokens_per_second'],
    unit: 'tokens/s',
    definition: 'Output tokens of completed requests per second, all workers together.',
    formula: 'output tokens of completed requests ÷ time until the last completion',
    confusedWith: MEAN_RATE,
  },
  {
    key: 'summary.total_throughput_tok_s',
    name: 'total throughput',
    aliases: ['total_token_throughput'],
    unit: 'tokens/s',
    definition: 'Input and output tokens of completed requests per second.',
    formula: '(input + output tokens of completed requests) ÷ time until the last completion',
    confusedWith:
      'Output throughput. With long prompts it is mostly input, which a cache makes cheap.',
  },
  {
    key: 'summary.goodput.ratio',
    name: 'goodput',
    aliases: ['goodput_ratio', 'slo_attainment'],
    unit: '0 to 1',
    definition:
      'Part of the ended requests that completed within every target of slo. Bounds are inclusive; a request with fewer than two tokens has no gap to miss slo.itl_ms by, and one without output can meet slo.e2e_ms only. Absent without a target.',
    formula:
      'requests within slo.ttft_ms and slo.itl_ms (or slo.e2e_ms) ÷ (completed + rejected + timed out)',
    confusedWith:
      'The share of completed requests: a request that was served late is completed and no goodput. A rejected one is a miss.',
  },
  {
    key: 'summary.goodput.completed',
    name: 'good requests',
    aliases: ['goodput_completed', 'goodput_completed_requests'],
    unit: 'requests',
    definition: 'Requests that completed within every target of slo.',
    formula: 'count of completed requests that meet the targets',
  },
  {
    key: 'summary.goodput.request_rps',
    name: 'request goodput',
    aliases: ['goodput_rps', 'goodput_request_throughput_rps'],
    unit: 'requests/s',
    definition: 'Requests within every target, per second.',
    formula: 'good requests ÷ time until the last completion',
    confusedWith: 'Request throughput, which counts late requests as well.',
  },
  {
    key: 'summary.goodput.output_tok_s',
    name: 'token goodput',
    aliases: ['goodput_tok_s', 'goodput_output_throughput_tok_s'],
    unit: 'tokens/s',
    definition: 'Output tokens of requests within every target, per second.',
    formula: 'output tokens of good requests ÷ time until the last completion',
    confusedWith: 'Request goodput: a policy that favours short outputs wins there and loses here.',
  },
];
