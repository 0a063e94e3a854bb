import { NEVER, RequestStatus } from '../../workload/request-table.ts';
import { arrivedRows } from '../arrived-rows.ts';
import type { RunResult } from '../run-result.ts';
import {
  RATIO_BUCKETS,
  TOKEN_COUNT_BUCKETS,
  VLLM_REQUEST_BUCKETS,
  VLLM_TOKEN_BUCKETS,
  VLLM_TTFT_BUCKETS,
} from './buckets.ts';
import { histogramFamily, histogramOf, type Labels, simpleFamily } from './prometheus-text.ts';
import {
  type RequestHistogram,
  type RequestValue,
  secondsBetween,
  sortedValues,
} from './request-values.ts';
import { itlHistogram } from './vllm-metrics.ts';

const ttftSeconds = secondsBetween(
  (t) => t.arrivalNs,
  (t) => t.firstTokenNs,
);

/** Part of the prompt that the router believed its choice to hold; NaN where it knew nothing. */
function routerHitRate(blockSize: number): RequestValue {
  return ({ overlapBlocks, inputTokens }, row) => {
    const known = overlapBlocks[row]!;
    const blocks = Math.floor(inputTokens[row]! / blockSize);
    return known < 0 || blocks === 0 ? Number.NaN : known / blocks;
  };
}

/** Histograms of the frontend, of all requests. */
const FRONTEND: readonly RequestHistogram[] = [
  {
    name: 'dynamo_frontend_time_to_first_token_seconds',
    help: 'Arrival to first token.',
    bounds: VLLM_TTFT_BUCKETS,
    value: ttftSeconds,
  },
  {
    name: 'dynamo_frontend_request_duration_seconds',
    help: 'Arrival to end.',
    bounds: VLLM_REQUEST_BUCKETS,
    value: secondsBetween(
      (t) => t.arrivalNs,
      (t) => t.terminalNs,
    ),
  },
  {
    name: 'dynamo_frontend_input_sequence_tokens',
    help: 'Prompt length.',
    bounds: TOKEN_COUNT_BUCKETS,
    value: (t, row) => t.inputTokens[row]!,
  },
  {
    name: 'dynamo_frontend_output_sequence_tokens',
    help: 'Output length.',
    bounds: TOKEN_COUNT_BUCKETS,
    value: (t, row) => t.outputTokens[row]!,
  },
  {
    name: 'dynamo_frontend_cached_tokens',
    help: 'Prompt tokens found in the cache at first admission.',
    bounds: TOKEN_COUNT_BUCKETS,
    value: (t, row) => t.firstReusedTokens[row]!,
  },
  {
    name: 'dynamo_component_router_time_to_first_token_seconds',
    help: 'Arrival to first token.',
    bounds: VLLM_TTFT_BUCKETS,
    value: ttftSeconds,
  },
];

/** Frontend and router of a run under the names of Dynamo's metrics, when the run has ended. */
export function dynamoMetrics(result: RunResult, model: string): string {
  const { requests, blockSize } = result;
  const all = arrivedRows(requests);
  const labels: Labels = [['model', model.toLowerCase()]];
  const hitRate: RequestHistogram = {
    name: 'dynamo_component_router_kv_hit_rate',
    help: 'Part of the prompt that the router believed its choice to hold.',
    bounds: RATIO_BUCKETS,
    value: routerHitRate(blockSize),
  };
  const histograms = [...FRONTEND, hitRate].map(({ name, help, bounds, value }) => {
    const samples = [histogramOf(labels, bounds, sortedValues(requests, all, value))];
    return histogramFamily(name, help, bounds, samples);
  });
  const gaps = histogramFamily(
    'dynamo_frontend_inter_token_latency_seconds',
    'Gaps between tokens, within 0.2 % of a bound.',
    VLLM_TOKEN_BUCKETS,
    [itlHistogram(result, labels)],
  );
  return [...counters(result, labels), gaps, ...histograms].join('');
}

function counters(result: RunResult, labels: Labels): readonly string[] {
  const { tallies, totalKvBlocks, blockSize } = result;
  const { completed, rejected, cancelled, timedOut, active, routed } = countRequests(result);
  const outputTokens = tallies.reduce((sum, tally) => sum + tally.outputTokens, 0);
  const one = (name: string, type: 'counter' | 'gauge', help: string, value: number): string =>
    simpleFamily(name, type, help, [[labels, value]]);
  const ended: readonly (readonly [Labels, number])[] = [
    [[...labels, ['status', 'success']], completed],
    [[...labels, ['status', 'error']], rejected],
    ...leftBy(labels, 'cancelled', cancelled),
    ...leftBy(labels, 'timeout', timedOut),
  ];
  const frontend = 'dynamo_frontend';
  return [
    simpleFamily(`${frontend}_requests_total`, 'counter', 'Requests that ended.', ended),
    one(`${frontend}_active_requests`, 'gauge', 'Requests under way at the end.', active),
    one(`${frontend}_output_tokens_total`, 'counter', 'Output tokens.', outputTokens),
    one(`${frontend}_model_total_kv_blocks`, 'gauge', 'KV blocks of one worker.', totalKvBlocks),
    one(`${frontend}_model_kv_cache_block_size`, 'gauge', 'Tokens of a KV block.', blockSize),
    one('dynamo_component_router_requests_total', 'counter', 'Requests sent to a worker.', routed),
  ];
}

/** Requests whose clients left, for one reason; nothing where none did. */
function leftBy(labels: Labels, errorType: string, requests: number): [Labels, number][] {
  if (requests === 0) return [];
  return [[[...labels, ['status', 'error'], ['error_type', errorType]], requests]];
}

function countRequests({ requests }: RunResult) {
  const counts = { completed: 0, rejected: 0, cancelled: 0, timedOut: 0, active: 0, routed: 0 };
  for (let row = 0; row < requests.count; row++) {
    if (requests.arrivalNs[row] === NEVER) continue;
    if (requests.routedNs[row] !== NEVER) counts.routed++;
    if (requests.status[row] === RequestStatus.completed) counts.completed++;
    else if (requests.status[row] === RequestStatus.rejected) counts.rejected++;
    else if (requests.status[row] === RequestStatus.cancelled) counts.cancelled++;
    else if (requests.status[row] === RequestStatus.timedOut) counts.timedOut++;
    else counts.active++;
  }
  return counts;
}
