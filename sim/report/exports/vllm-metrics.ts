import { NS_PER_S } from '#core/base/time.ts';
import type { WorkerTally } from '../../engine/worker-tally.ts';
import { NEVER, RequestStatus, type RequestTable } from '../../workload/request-table.ts';
import { isCompleted, tpotMs } from '../latency.ts';
import type { RunResult } from '../run-result.ts';
import { VLLM_REQUEST_BUCKETS, VLLM_TOKEN_BUCKETS, VLLM_TTFT_BUCKETS } from './buckets.ts';
import {
  type HistogramSample,
  histogramFamily,
  histogramOf,
  type Labels,
  simpleFamily,
} from './prometheus-text.ts';
import {
  type RequestHistogram,
  rowsByTarget,
  secondsBetween,
  sortedValues,
} from './request-values.ts';

/** Sums over the requests of one target. */
interface EngineSums {
  queries: number;
  hits: number;
  completed: number;
  aborted: number;
  running: number;
  waiting: number;
}

/** What is known of an engine: what its requests add up to, its tally, its KV blocks in use (0 to 1). */
interface Engine {
  readonly sums: EngineSums;
  readonly tally: WorkerTally;
  readonly kvUsed: number;
}

/** A number of each engine. */
interface EngineMetric {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: (engine: Engine) => number;
}

const ENGINE_METRICS: readonly EngineMetric[] = [
  {
    name: 'vllm:num_requests_running',
    type: 'gauge',
    help: 'Requests in a batch at the end.',
    value: ({ sums }) => sums.running,
  },
  {
    name: 'vllm:num_requests_waiting',
    type: 'gauge',
    help: 'Requests in the queue at the end.',
    value: ({ sums }) => sums.waiting,
  },
  {
    name: 'vllm:kv_cache_usage_perc',
    type: 'gauge',
    help: 'KV blocks in use at the end, 0 to 1.',
    value: ({ kvUsed }) => kvUsed,
  },
  {
    name: 'vllm:prefix_cache_queries_total',
    type: 'counter',
    help: 'Prompt tokens of first admissions.',
    value: ({ sums }) => sums.queries,
  },
  {
    name: 'vllm:prefix_cache_hits_total',
    type: 'counter',
    help: 'Of those, found in the cache.',
    value: ({ sums }) => sums.hits,
  },
  {
    name: 'vllm:num_preemptions_total',
    type: 'counter',
    help: 'Preemptions.',
    value: ({ tally }) => tally.preemptions,
  },
  {
    name: 'vllm:prompt_tokens_total',
    type: 'counter',
    help: 'Prompt tokens of admitted requests.',
    value: ({ sums }) => sums.queries,
  },
  {
    name: 'vllm:generation_tokens_total',
    type: 'counter',
    help: 'Output tokens.',
    value: ({ tally }) => tally.outputTokens,
  },
];

const HISTOGRAMS: readonly RequestHistogram[] = [
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
  const { requests, tallies, kvUsedAtEnd } = result;
  const byTarget = rowsByTarget(requests, tallies.length);
  const sums = byTarget.map((rows) => addUpEngine(requests, rows));
  const labelsOf = (target: number): Labels => [
    ['model_name', model],
    ['engine', String(target)],
  ];
  const engines = tallies.map((tally, target): Engine => {
    return { sums: sums[target]!, tally, kvUsed: kvUsedAtEnd[target]! };
  });
  const simple = ENGINE_METRICS.map(({ name, type, help, value }) => {
    const samples = engines.map((engine, target) => [labelsOf(target), value(engine)] as const);
    return simpleFamily(name, type, help, samples);
  });
  const histograms = HISTOGRAMS.map(({ name, help, bounds, value }) => {
    const samples = byTarget.map((rows, target) => {
      return histogramOf(labelsOf(target), bounds, sortedValues(requests, rows, value));
    });
    return histogramFamily(name, help, bounds, samples);
  });
  const success = sums.flatMap((own, target): (readonly [Labels, number])[] => [
    [[...labelsOf(target), ['finished_reason', 'length']], own.completed],
    ...(own.aborted === 0
      ? []
      : [[[...labelsOf(target), ['finished_reason', 'abort']], own.aborted] as const]),
  ]);
  const gaps = itlHistogram(result, [['model_name', model]]);
  return [
    ...simple,
    simpleFamily('vllm:request_success_total', 'counter', 'Completed requests.', success),
    cacheConfig(result),
    histogramFamily(
      'vllm:inter_token_latency_seconds',
      'Gaps between tokens; of all engines together, within 0.2 % of a bound.',
      VLLM_TOKEN_BUCKETS,
      [gaps],
    ),
    ...histograms,
  ].join('');
}

/** As vLLM has it, without a model's name. */
function cacheConfig({ tallies, blockSize, totalKvBlocks }: RunResult): string {
  const samples = tallies.map((_, target): readonly [Labels, number] => {
    const size: Labels = [
      ['block_size', String(blockSize)],
      ['num_gpu_blocks', String(totalKvBlocks)],
      ['engine', String(target)],
    ];
    return [size, 1];
  });
  return simpleFamily('vllm:cache_config_info', 'gauge', 'Size of the KV cache.', samples);
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

function addUpEngine(requests: RequestTable, rows: Int32Array): EngineSums {
  const sums = { queries: 0, hits: 0, completed: 0, aborted: 0, running: 0, waiting: 0 };
  for (const row of rows) {
    const ended = requests.terminalNs[row] !== NEVER;
    const admitted = requests.firstAdmitNs[row] !== NEVER;
    if (admitted) {
      sums.queries += requests.inputTokens[row]!;
      sums.hits += requests.firstReusedTokens[row]!;
    }
    if (isCompleted(requests, row)) sums.completed++;
    if (requests.status[row]! >= RequestStatus.cancelled) sums.aborted++;
    if (!ended && admitted) sums.running++;
    if (!ended && !admitted) sums.waiting++;
  }
  return sums;
}
