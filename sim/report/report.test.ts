import { expect, test } from 'vitest';
import { canonicalJson } from '#core/base/canonical-json.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { factRows } from './facts.ts';
import { buildReport, type Report, withHost } from './report.ts';
import { type HandRequest, handRun } from './run-result.fixture.ts';

function report(requests: readonly HandRequest[], slo: ResolvedConfig['slo'] = {}): Report {
  return buildReport(handRun(requests), {
    config: resolveConfig({ slo }),
    configSha256: 'c'.repeat(64),
    seed: 42,
    trace: { path: 'hand.jsonl', sha256: 't'.repeat(64), format: 'mooncake', requests: 9 },
  });
}

test('tokens at 50, 60, 75, 95 give TTFT 50, TPOT 15, E2E 95', () => {
  const { summary, simulated_ms } = report([
    { arrivalMs: 0, admitMs: 5, tokensMs: [50, 60, 75, 95] },
  ]);
  expect(summary.ttft_ms.mean).toBe(50);
  expect(summary.tpot_ms.mean).toBe(15);
  expect(summary.e2e_ms.mean).toBe(95);
  expect(summary.queue_ms.mean).toBe(5);
  expect(summary.itl_ms).toMatchObject({ mean: 15, min: 10, max: 20, n: 3 });
  expect(simulated_ms).toBe(95);
});

test('one gap of 10 and three of 30: mean TPOT 20, mean ITL 25', () => {
  const { summary } = report([
    { arrivalMs: 0, admitMs: 0, tokensMs: [10, 20] },
    { arrivalMs: 0, admitMs: 0, tokensMs: [10, 40, 70, 100] },
  ]);
  expect(summary.tpot_ms).toMatchObject({ mean: 20, n: 2 });
  expect(summary.itl_ms).toMatchObject({ mean: 25, n: 4 });
});

test('throughput is completed work over the time until the last request ended', () => {
  const { summary } = report([
    { arrivalMs: 0, admitMs: 0, tokensMs: [100, 2000], inputTokens: 600, reused: [100, 300] },
    { arrivalMs: 0, terminalMs: 500, status: 'rejected', inputTokens: 9999 },
  ]);
  expect(summary).toMatchObject({ requests: 2, completed: 1, rejected: 1, incomplete: 0 });
  expect(summary.request_throughput_rps).toBe(0.5);
  expect(summary.input_throughput_tok_s).toBe(300);
  expect(summary.output_throughput_tok_s).toBe(1);
  expect(summary.total_throughput_tok_s).toBe(301);
  expect(summary.prefix_cache_reused_ratio).toBe(0.5);
  expect(summary.first_admission_prefix_cache_reused_ratio).toBe(100 / 600);
});

test('a request without output completes and has no TTFT, TPOT, ITL or E2E', () => {
  const { summary } = report([{ arrivalMs: 0, admitMs: 0, terminalMs: 25 }], { e2e_ms: 25 });
  expect(summary.completed).toBe(1);
  for (const key of ['ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms'] as const) {
    expect(summary[key]).toEqual({ n: 0 });
  }
  expect(summary.queue_ms.n).toBe(1);
  expect(summary.goodput?.completed).toBe(1);
});

test('a run cut off counts what arrived, and its statistics only what completed', () => {
  const { summary, simulated_ms } = report([
    { arrivalMs: 0, admitMs: 0, tokensMs: [10] },
    { arrivalMs: 0, admitMs: 0, tokensMs: [10, 12], status: 'running', terminalMs: -1e-6 },
    { arrivalMs: -1e-6, status: 'pending' },
  ]);
  expect(summary).toMatchObject({ requests: 2, completed: 1, incomplete: 1 });
  expect(summary.ttft_ms.n).toBe(1);
  expect(summary.itl_ms).toEqual({ n: 0 });
  expect(simulated_ms).toBe(10);
});

test('nothing arrived: no rates, no ratios, no statistics', () => {
  const { summary } = report([]);
  expect(summary.request_throughput_rps).toBeUndefined();
  expect(summary.prefix_cache_reused_ratio).toBeUndefined();
  expect(summary.ttft_ms).toEqual({ n: 0 });
  expect(summary.anomalies).toEqual({});
});

test('goodput: bounds are inclusive, mean gaps count, one token has no gap', () => {
  // TTFT 10, 10 and 22 ms; mean gaps 7, none, 2 ms: only the second meets 10 ms and 2 ms.
  const requests: HandRequest[] = [
    { arrivalMs: 0, admitMs: 0, tokensMs: [10, 22, 24] },
    { arrivalMs: 0, admitMs: 0, tokensMs: [10] },
    { arrivalMs: 0, admitMs: 0, tokensMs: [22, 24, 26] },
  ];
  const { goodput } = report(requests, { ttft_ms: 10, itl_ms: 2 }).summary;
  expect(goodput?.completed).toBe(1);
  expect(goodput?.ratio).toBe(1 / 3);
  expect(goodput?.request_rps).toBeCloseTo(38.461538462, 9);
  expect(goodput?.output_tok_s).toBeCloseTo(38.461538462, 9);
  expect(report(requests, { itl_ms: 7 }).summary.goodput?.completed).toBe(3);
  expect(report(requests).summary.goodput).toBeUndefined();
});

test('a request without output meets no TTFT bound, and a rejected one is a miss', () => {
  const requests: HandRequest[] = [
    { arrivalMs: 0, admitMs: 0, terminalMs: 5 },
    { arrivalMs: 0, status: 'rejected', terminalMs: 1 },
  ];
  const none = report(requests, { ttft_ms: 100 }).summary.goodput;
  expect(none).toMatchObject({ completed: 0, ratio: 0 });
  expect(report(requests, { e2e_ms: 5 }).summary.goodput).toMatchObject({ ratio: 0.5 });
});

test('anomalies are listed only when they happened', () => {
  const { anomalies } = report([
    { arrivalMs: 0, admitMs: 0, tokensMs: [10], admissions: 4 },
    { arrivalMs: 0, admitMs: 60, tokensMs: [100], admissions: 2 },
    { arrivalMs: 0, status: 'queued', terminalMs: -1e-6 },
  ]).summary;
  expect(anomalies).toEqual({
    incomplete: 1,
    never_admitted: 1,
    preempted: 2,
    preemption_storm: 1,
    mostly_queued: 1,
  });
});

test('equal runs give equal bytes, and the host stays outside of them', () => {
  const requests: HandRequest[] = [{ arrivalMs: 0, admitMs: 1, tokensMs: [3, 5] }];
  const bytes = canonicalJson(report(requests));
  expect(canonicalJson(report(requests))).toBe(bytes);
  expect(bytes).not.toContain('"host"');
  expect(withHost(report(requests), 2, 'v24.0.0').host?.simulated_per_wall).toBe(2.5);
});

test('what became of KV events is told where some were lost or came twice', () => {
  const context = {
    config: resolveConfig({}),
    configSha256: 'c'.repeat(64),
    seed: 42,
    trace: { path: 'hand.jsonl', sha256: 't'.repeat(64), format: 'mooncake', requests: 1 },
  };
  const run = [{ arrivalMs: 0, admitMs: 0, tokensMs: [10] }];
  const kvEvents = { published: 1200, lost: 30, duplicated: 5, orphaned: 7 };
  const told = buildReport(handRun(run, { kvEvents }), context);
  expect(told.summary.kv_events).toEqual(kvEvents);
  expect(Object.fromEntries(factRows(told))['KV events']).toBe(
    '1,200 published, 30 lost, 5 twice, 7 skipped for an earlier loss',
  );
  const silent = buildReport(handRun(run), context);
  expect('kv_events' in silent.summary).toBe(false);
});
