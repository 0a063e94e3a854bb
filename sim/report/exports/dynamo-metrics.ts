import { NEVER, RequestStatus } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import {
  RATIO_BUCKETS,
  TOKEN_COUNT_BUCKETS,
  VLLM_REQUEST_BUCKETS,
  VLLM_TOKEN_BUCKETS,
  VLLM_TTFT_BUCKETS,
} from './buckets.ts';
import { histogramFamily, histogramOf, type Labels, simpleFamily } from './prometheus-text.ts';
import { arrivedRows, type RequestValue, secondsBetween, sortedValues } from './request-values.ts';
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

/** Frontend and router of a run under the names of Dynamo's metrics, when the run has ended. */
export function dynamoMetrics(result: RunResult, model: string): string {
  const { requests, tallies, totalKvBlocks, blockSize } = result;
  const { all } = arrivedRows(requests, tallies.length);
  const labels: Labels = [['model', model.toLowerCase()]];
  const histogram = (name: string, help: string, bounds: readonly number[], value: RequestValue) =>
    histogramFamily(name, help, bounds, [
      histogramOf(labels, bounds, sortedValues(requests, all, value)),
    ]);
  const { completed, rejected, active, routed } = countRequests(result);
  const statuses: readonly (readonly [Labels, number])[] = [
    [[...labels, ['status', 'success']], completed],
    [[...labels, ['status', 'error']], rejected],
  ];
  const outputTokens = tallies.reduce((sum, tally) => sum + tally.outputTokens, 0);
  return [
    simpleFamily('dynamo_frontend_requests_total', 'counter', 'Requests that ended.', statuses),
    simpleFamily('dynamo_frontend_active_requests', 'gauge', 'Requests under way at the end.', [
      [labels, active],
    ]),
    histogram(
      'dynamo_frontend_time_to_first_token_seconds',
      'Arrival to first token.',
      VLLM_TTFT_BUCKETS,
      ttftSeconds,
    ),
    histogramFamily(
      'dynamo_frontend_inter_token_latency_seconds',
      'Gaps between tokens, within 0.1 %.',
      VLLM_TOKEN_BUCKETS,
      [itlHistogram(result, labels)],
    ),
    histogram(
      'dynamo_frontend_request_duration_seconds',
      'Arrival to end.',
      VLLM_REQUEST_BUCKETS,
      secondsBetween(
        (t) => t.arrivalNs,
        (t) => t.terminalNs,
      ),
    ),
    histogram(
      'dynamo_frontend_input_sequence_tokens',
      'Prompt length.',
      TOKEN_COUNT_BUCKETS,
      (t, row) => t.inputTokens[row]!,
    ),
    histogram(
      'dynamo_frontend_output_sequence_tokens',
      'Output length.',
      TOKEN_COUNT_BUCKETS,
      (t, row) => t.outputTokens[row]!,
    ),
    histogram(
      'dynamo_frontend_cached_tokens',
      'Prompt tokens found in the cache at first admission.',
      TOKEN_COUNT_BUCKETS,
      (t, row) => t.firstReusedTokens[row]!,
    ),
    simpleFamily('dynamo_frontend_output_tokens_total', 'counter', 'Output tokens.', [
      [labels, outputTokens],
    ]),
    simpleFamily('dynamo_frontend_model_total_kv_blocks', 'gauge', 'KV blocks of one worker.', [
      [labels, totalKvBlocks],
    ]),
    simpleFamily('dynamo_frontend_model_kv_cache_block_size', 'gauge', 'Tokens of a KV block.', [
      [labels, blockSize],
    ]),
    simpleFamily(
      'dynamo_component_router_requests_total',
      'counter',
      'Requests that the router sent to a worker.',
      [[labels, routed]],
    ),
    histogram(
      'dynamo_component_router_time_to_first_token_seconds',
      'Arrival to first token.',
      VLLM_TTFT_BUCKETS,
      ttftSeconds,
    ),
    histogram(
      'dynamo_component_router_kv_hit_rate',
      'Part of the prompt that the router believed its choice to hold.',
      RATIO_BUCKETS,
      routerHitRate(blockSize),
    ),
  ].join('');
}

function countRequests({ requests }: RunResult) {
  const counts = { completed: 0, rejected: 0, active: 0, routed: 0 };
  for (let row = 0; row < requests.count; row++) {
    if (requests.arrivalNs[row] === NEVER) continue;
    if (requests.routedNs[row] !== NEVER) counts.routed++;
    if (requests.status[row] === RequestStatus.completed) counts.completed++;
    else if (requests.status[row] === RequestStatus.rejected) counts.rejected++;
    else counts.active++;
  }
  return counts;
}
