import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { WorkerTally } from '../engine/worker-tally.ts';
import { detailTables } from './detail-tables.ts';
import { buildReport, type Report, type ReportContext } from './report.ts';
import { type HandRequest, handPool, handRun } from './run-result.fixture.ts';
import type { RunResult } from './run-result.ts';
import { classRows } from './tenant-rows.ts';

function report(
  requests: readonly HandRequest[],
  rest: Partial<RunResult> = {},
  context: Partial<ReportContext> = {},
): Report {
  const workers = rest.workers ?? 1;
  return buildReport(handRun(requests, rest), {
    config: resolveConfig({ cluster: { workers, gpus_per_worker: 8 }, slo: { ttft_ms: 20 } }),
    configSha256: 'c'.repeat(64),
    seed: 42,
    trace: { path: 'hand.jsonl', sha256: 't'.repeat(64), format: 'mooncake', requests: 9 },
    ...context,
  });
}

function tally(values: Partial<WorkerTally>): WorkerTally {
  return Object.assign(new WorkerTally(), values);
}

test('a worker did what its tally says, over the simulated time', () => {
  const tallies = [
    tally({ prefillTokens: 250, outputTokens: 50, busyNs: 60e6, kvPeakBlocks: 9, kvBlockNs: 5e8 }),
    tally({ prefillTokens: 80, outputTokens: 20, busyNs: 20e6, preemptions: 3 }),
  ];
  const hands: HandRequest[] = [
    { arrivalMs: 0, admitMs: 1, tokensMs: [10, 100], inputTokens: 300, reused: [75, 150] },
    { arrivalMs: 0, admitMs: 1, tokensMs: [10], inputTokens: 100, worker: 0 },
    { arrivalMs: 0, admitMs: 1, status: 'running', inputTokens: 100, worker: 1 },
  ];
  const { workers, summary } = report([{ ...hands[0]!, worker: 0 }, ...hands.slice(1)], {
    workers: 2,
    pools: [handPool({ workers: 2 }, 8)],
    tallies,
    simulatedNs: 100e6,
  });
  expect(workers).toEqual([
    {
      worker: 0,
      requests: 2,
      completed: 2,
      prefill_tokens: 250,
      output_tokens: 50,
      load_share: 0.75,
      load_to_mean: 1.5,
      busy_ratio: 0.6,
      peak_kv_blocks: 9,
      mean_kv_blocks: 5,
      preemptions: 0,
      first_admission_prefix_cache_reused_ratio: 75 / 400,
    },
    expect.objectContaining({ requests: 1, completed: 0, load_to_mean: 0.5, preemptions: 3 }),
  ]);
  // 2 workers of 8 GPUs for 0.1 s; passes were under way for 80 of 200 ms.
  expect(summary.gpu_hours).toBeCloseTo(1.6 / 3600, 12);
  expect(summary.gpu_busy_ratio).toBeCloseTo(0.4, 12);
});

test('a run without time or work has no shares', () => {
  const { workers, summary } = report([]);
  expect(workers).toEqual([
    {
      worker: 0,
      requests: 0,
      completed: 0,
      prefill_tokens: 0,
      output_tokens: 0,
      peak_kv_blocks: 0,
      preemptions: 0,
    },
  ]);
  expect(summary.gpu_hours).toBe(0);
  expect(summary.gpu_busy_ratio).toBeUndefined();
});

test('a large fleet is listed on request only', () => {
  const many = { workers: 257, simulatedNs: 1e6 };
  expect(report([], many).workers).toBeUndefined();
  expect(report([], many, { perWorker: true }).workers).toHaveLength(257);
});

test('each tenant is measured by its own requests, those of nobody last', () => {
  const { tenants } = report([
    { arrivalMs: 0, admitMs: 5, tokensMs: [10, 30], inputTokens: 100, tenant: 'paid' },
    { arrivalMs: 0, admitMs: 1, tokensMs: [40, 50, 60, 100], inputTokens: 50, tenant: 'free' },
    { arrivalMs: 0, terminalMs: 1, status: 'rejected', tenant: 'free' },
    { arrivalMs: 0, admitMs: 2, tokensMs: [15, 25], reused: [64, 64] },
  ]);
  expect(tenants?.map(({ tenant }) => tenant)).toEqual(['paid', 'free', '(none)']);
  expect(tenants?.[0]).toMatchObject({
    requests: 1,
    completed: 1,
    ttft_ms: { mean: 10, n: 1 },
    tpot_ms: { mean: 20 },
    e2e_ms: { mean: 30 },
    queue_ms: { mean: 5 },
    output_share: 0.25,
    request_throughput_rps: 10,
    output_throughput_tok_s: 20,
    prefix_cache_reused_ratio: 0,
    goodput: { completed: 1, ratio: 1 },
  });
  expect(tenants?.[1]).toMatchObject({
    requests: 2,
    completed: 1,
    rejected: 1,
    incomplete: 0,
    output_share: 0.5,
    goodput: { completed: 0, ratio: 0 },
  });
  expect(tenants?.[2]).toMatchObject({ prefix_cache_reused_ratio: 0.64, output_share: 0.25 });
});

test('without tenants in the trace there is no such table', () => {
  expect(report([{ arrivalMs: 0, admitMs: 0, tokensMs: [1] }]).tenants).toBeUndefined();
});

test('a policy class that requests ask for has a row and a table of its own', () => {
  const run = handRun([
    { arrivalMs: 0, admitMs: 5, tokensMs: [10, 20, 30] },
    { arrivalMs: 0, admitMs: 15, tokensMs: [40] },
    { arrivalMs: 1, terminalMs: 1, status: 'rejected' },
  ]);
  const table = run.requests;
  expect(classRows(table, {}, 1000)).toBeUndefined();
  table.policyClassNames.push('fast');
  table.policyClass.set([0, -1, 0]);
  const rows = classRows(table, {}, 1000);
  expect(rows).toMatchObject([
    { policy_class: 'fast', requests: 2, rejected: 1, queue_ms: { mean: 5 }, output_share: 0.75 },
    { policy_class: '(none)', requests: 1, rejected: 0, ttft_ms: { mean: 40 }, output_share: 0.25 },
  ]);
  const report = buildReport(run, {
    config: resolveConfig({}),
    configSha256: '',
    seed: 1,
    trace: { path: '', sha256: '', format: 'mooncake', requests: 3 },
  });
  const [found] = detailTables(report, false);
  expect(found?.rows.map(([name, requests, rejected]) => [name, requests, rejected])).toEqual([
    ['fast', '2', '1'],
    ['(none)', '1', '0'],
  ]);
});
