import { NS_PER_S } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import { tpotMs } from '../latency.ts';
import type { RunResult } from '../run-result.ts';
import { VLLM_REQUEST_BUCKETS, VLLM_TOKEN_BUCKETS, VLLM_TTFT_BUCKETS } from './buckets.ts';
import {
  type HistogramSample,
  histogramFamily,
  histogramOf,
  type Labels,
  simpleFamily,
} from './prometheus-text.ts';
import { arrivedRows, type RequestValue, secondsBetween, sortedValues } from './request-values.ts';

/** Sums over the requests of one target. */
interface EngineSums {
  queries: number;
  hits: number;
  prompt: number;
  completed: number;
  running: number;
  waiting: number;
}

interface HistogramSpec {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly value: RequestValue;
}

const HISTOGRAMS: readonly HistogramSpec[] = [
  {
    name: 'vllm:time_to_first_token_seconds',
    help: 'Arrival to first token.',
    bounds: VLLM_TTFT_BUCKETS,
    value: secondsBetween(
      (t) => t.arrivalNs,
      (t) => t.firstTokenNs,
    ),
  },
  {
    name: 'vllm:request_time_per_output_token_seconds',
    help: "A request's mean gap between tokens, without its first.",
    bounds: VLLM_TOKEN_BUCKETS,
    value: (table, row) => tpotMs(table, row) / 1000,
  },
  {
    name: 'vllm:e2e_request_latency_seconds',
    help: 'Arrival to last token.',
    bounds: VLLM_REQUEST_BUCKETS,
    value: secondsBetween(
      (t) => t.arrivalNs,
      (t) => t.lastTokenNs,
    ),
  },
  {
    name: 'vllm:request_queue_time_seconds',
    help: "From the worker's queue into a batch.",
    bounds: VLLM_REQUEST_BUCKETS,
    value: secondsBetween(
      (t) => t.routedNs,
      (t) => t.firstAdmitNs,
    ),
  },
  {
    name: 'vllm:request_prefill_time_seconds',
    help: 'First admission to first token.',
    bounds: VLLM_REQUEST_BUCKETS,
    value: secondsBetween(
      (t) => t.firstAdmitNs,
      (t) => t.firstTokenNs,
    ),
  },
  {
    name: 'vllm:request_decode_time_seconds',
    help: 'First token to last token.',
    bounds: VLLM_REQUEST_BUCKETS,
    value: secondsBetween(
      (t) => t.firstTokenNs,
      (t) => t.lastTokenNs,
    ),
  },
];

/** The engines of a run as vLLM's `/metrics` would show them when the run has ended. */
export function vllmMetrics(result: RunResult, model: string): string {
  const { requests, tallies, totalKvBlocks, blockSize, kvUsedAtEnd } = result;
  const { byTarget } = arrivedRows(requests, tallies.length);
  const sums = byTarget.map((rows) => addUpEngine(requests, rows));
  const labelsOf = (target: number): Labels => [
    ['model_name', model],
    ['engine', String(target)],
  ];
  const each = (value: (sums: EngineSums, target: number) => number) =>
    sums.map((own, target) => [labelsOf(target), value(own, target)] as const);
  const gauge = (name: string, help: string, value: (sums: EngineSums, target: number) => number) =>
    simpleFamily(name, 'gauge', help, each(value));
  const counter = (
    name: string,
    help: string,
    value: (sums: EngineSums, target: number) => number,
  ) => simpleFamily(name, 'counter', help, each(value));
  const config = tallies.map((_, target): readonly [Labels, number] => {
    const size: Labels = [
      ['block_size', String(blockSize)],
      ['num_gpu_blocks', String(totalKvBlocks)],
      ['engine', String(target)],
    ];
    return [size, 1];
  });
  return [
    gauge('vllm:num_requests_running', 'Requests in a batch at the end.', (own) => own.running),
    gauge('vllm:num_requests_waiting', 'Requests in the queue at the end.', (own) => own.waiting),
    gauge(
      'vllm:kv_cache_usage_perc',
      'KV blocks in use at the end, 0 to 1; the mean of all engines.',
      () => kvUsedAtEnd,
    ),
    simpleFamily('vllm:cache_config_info', 'gauge', 'Size of the KV cache.', config),
    counter(
      'vllm:prefix_cache_queries_total',
      'Prompt tokens of first admissions.',
      (own) => own.queries,
    ),
    counter('vllm:prefix_cache_hits_total', 'Of those, found in the cache.', (own) => own.hits),
    counter(
      'vllm:num_preemptions_total',
      'Preemptions.',
      (_, target) => tallies[target]!.preemptions,
    ),
    counter('vllm:prompt_tokens_total', 'Prompt tokens of admitted requests.', (own) => own.prompt),
    counter(
      'vllm:generation_tokens_total',
      'Output tokens.',
      (_, target) => tallies[target]!.outputTokens,
    ),
    simpleFamily(
      'vllm:request_success_total',
      'counter',
      'Completed requests.',
      sums.map((own, target) => [
        [...labelsOf(target), ['finished_reason', 'length']],
        own.completed,
      ]),
    ),
    histogramFamily(
      'vllm:inter_token_latency_seconds',
      'Gaps between tokens; of all engines together, within 0.1 %.',
      VLLM_TOKEN_BUCKETS,
      [itlHistogram(result, [['model_name', model]])],
    ),
    ...HISTOGRAMS.map(({ name, help, bounds, value }) =>
      histogramFamily(
        name,
        help,
        bounds,
        tallies.map((_, target) =>
          histogramOf(labelsOf(target), bounds, sortedValues(requests, byTarget[target]!, value)),
        ),
      ),
    ),
  ].join('');
}

/** The gaps of all requests, from the sketch. */
export function itlHistogram({ itlNs }: RunResult, labels: Labels): HistogramSample {
  return {
    labels,
    upTo: VLLM_TOKEN_BUCKETS.map((bound) => itlNs.countUpTo(bound * NS_PER_S)),
    count: itlNs.count,
    sum: itlNs.sum / NS_PER_S,
  };
}

function addUpEngine(requests: RequestTable, rows: readonly number[]): EngineSums {
  const sums = { queries: 0, hits: 0, prompt: 0, completed: 0, running: 0, waiting: 0 };
  for (const row of rows) {
    const ended = requests.terminalNs[row] !== NEVER;
    const admitted = requests.firstAdmitNs[row] !== NEVER;
    if (admitted) {
      sums.queries += requests.inputTokens[row]!;
      sums.hits += requests.firstReusedTokens[row]!;
      sums.prompt += requests.inputTokens[row]!;
    }
    if (ended && admitted) sums.completed++;
    if (!ended && admitted) sums.running++;
    if (!ended && !admitted) sums.waiting++;
  }
  return sums;
}
