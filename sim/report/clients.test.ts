import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';
import { run } from '../run.ts';
import { findAnomalies } from './anomalies/anomalies.ts';
import { dynamoMetrics } from './exports/dynamo-metrics.ts';
import { vllmMetrics } from './exports/vllm-metrics.ts';
import { renderReportTable } from './render-table.ts';
import { buildReport } from './report.ts';
import { requestRow } from './request-rows.ts';

const ENGINE = {
  block_size: 4,
  num_gpu_blocks: 64,
  max_num_seqs: 1,
  timing: { type: 'fixed', prefill_ms: 10, decode_ms: 2 },
};

function fly(rows: readonly HandRow[], workload: Readonly<Record<string, unknown>> = {}) {
  const config = resolveConfig({
    cluster: { workers: 1 },
    engine: ENGINE,
    router: { mode: 'round_robin' },
    workload: { trace_block_size: 4, ...workload },
    slo: { ttft_ms: 60 },
  });
  const result = run({ config, seed: 1, ...traceOf(rows) });
  const trace = { path: 'hand.jsonl', sha256: 't'.repeat(64), format: 'mooncake', requests: 9 };
  const context = { config, configSha256: 'c'.repeat(64), seed: 1, trace };
  return { result, report: buildReport(result, context) };
}

/** The only place is taken until 50: the second gives up at 20 and 50, and is served at 70. */
const retried = () =>
  fly(
    [
      { atMs: 0, input: 4, output: 21 },
      { atMs: 0, input: 4, output: 2, client: { firstTokenTimeoutMs: 20 } },
    ],
    { client: { max_attempts: 3, retry_base_ms: 10, retry_jitter_ratio: 0 } },
  );

test('a request that was tried three times is one request, which has waited since the first', () => {
  const { summary } = retried().report;
  expect(summary).toMatchObject({
    requests: 2,
    completed: 2,
    attempts: { total: 4, amplification: 2, retried_requests: 1, failed_requests: 0 },
    wasted: { prefill_tokens: 0, output_tokens: 0, prefill_ratio: 0, output_ratio: 0 },
    ttft_ms: { n: 2, min: 10, max: 80 },
    e2e_ms: { n: 2, max: 82 },
    goodput: { completed: 1, ratio: 0.5 },
  });
  expect(summary.timed_out).toBeUndefined();
});

test('what warmed up before leaves the attempts together', () => {
  const warm = { atMs: 0, input: 4, output: 1 };
  const rows: HandRow[] = [
    { ...warm, client: { firstTokenTimeoutMs: 5 } },
    { atMs: 20, input: 4, output: 21 },
    { atMs: 20, input: 4, output: 2, client: { firstTokenTimeoutMs: 20 } },
  ];
  const { summary } = fly(rows, {
    client: { max_attempts: 3, retry_base_ms: 10, retry_jitter_ratio: 0 },
    max_concurrency: 3,
    warmup_requests: 1,
  }).report;
  expect(summary).toMatchObject({
    requests: 2,
    completed: 2,
    attempts: { total: 4, retried_requests: 1 },
    cap: { delayed: 0, delay_ms: { n: 2, max: 0 }, due_ttft_ms: { n: 2, max: 80 } },
    ttft_ms: { n: 2, max: 80 },
  });
});

test('each attempt has a row of its own', () => {
  const { requests } = retried().result;
  const rows = [0, 1, 2, 3].map((row) => requestRow(requests, row));
  expect(
    rows.map(({ status, attempt, first_attempt }) => [status, attempt, first_attempt]),
  ).toEqual([
    ['completed', 1, undefined],
    ['timed_out', 1, undefined],
    ['timed_out', 2, 1],
    ['completed', 3, 1],
  ]);
  expect(rows[1]).not.toHaveProperty('ttft_ms');
});

/** Tokens come at 10, 12, 14 …; one client leaves at 15, the other gives its answer up at 65. */
const left = () =>
  fly([
    { atMs: 0, input: 4, output: 50, client: { cancelAfterMs: 15 } },
    { atMs: 20, input: 4, output: 50, client: { timeoutMs: 45 } },
    { atMs: 100, input: 4, output: 0, client: { task: 'embed' } },
    { atMs: 120, input: 4, output: 1 },
  ]);

test('what nobody got is wasted: all of an answer given up, and what came after its client left', () => {
  const { summary } = left().report;
  // 1 of 4 tokens of the first; of the second those at 30, 32 … 64 and, after 65, at 66.
  expect(summary).toMatchObject({
    requests: 4,
    completed: 2,
    cancelled: 1,
    timed_out: 1,
    wasted: { prefill_tokens: 4, output_tokens: 1 + 18 + 1 },
    goodput: { completed: 2, ratio: 2 / 3 },
    ttft_ms: { n: 1 },
    e2e_ms: { n: 2, max: 10 },
  });
});

test('people and machines are told', () => {
  const { result, report } = left();
  const text = renderReportTable(report, false);
  expect(text).toContain('2 completed, 0 rejected, 1 cancelled, 1 timed out');
  expect(text).toMatch(/Wasted +4 prefill tokens \(25.00 %\), 20 output tokens/);
  expect(vllmMetrics(result, 'm')).toContain('finished_reason="abort"} 2');
  const dynamo = dynamoMetrics(result, 'm');
  expect(dynamo).toContain('status="error",error_type="cancelled"} 1');
  expect(dynamo).toContain('status="error",error_type="timeout"} 1');
});

test('clients who come back together to a cluster that is too small raise a storm', () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({
    atMs: index * 4,
    input: 4,
    output: 3,
  }));
  const client = { ttft_timeout_ms: 30, retry_base_ms: 20, retry_jitter_ratio: 0.2 };
  const stormy = fly(rows, { client: { ...client, max_attempts: 8 } });
  const { retry_storm } = stormy.report.summary.anomalies;
  expect(retry_storm).toBeGreaterThan(100);
  const worst = stormy.report.summary.anomaly_evidence?.retry_storm?.worst;
  expect(worst?.retry_share).toBeGreaterThanOrEqual(0.5);
  expect(worst?.failed_share).toBeGreaterThanOrEqual(0.5);
  expect(findAnomalies(retried().result).anomalies.retry_storm).toBeUndefined();
});
