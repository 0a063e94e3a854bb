import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { summariseCap } from './cap.ts';
import { factRows } from './facts.ts';
import { buildReport, type Report } from './report.ts';
import { requestRow } from './request-rows.ts';
import { handRun } from './run-result.fixture.ts';

const MS = 1e6;

/** Due at 0, 100 and 200 ms, one at a time: sent at 0, 400 and 800 ms. */
function cappedRun() {
  const run = handRun([
    { arrivalMs: 0, admitMs: 0, tokensMs: [300, 400] },
    { arrivalMs: 400, admitMs: 400, tokensMs: [700, 800] },
    { arrivalMs: 800, admitMs: 800, tokensMs: [1100, 1200] },
  ]);
  run.requests.dueNs = Float64Array.of(0, 100 * MS, 200 * MS);
  return {
    ...run,
    cap: {
      maxConcurrency: 1,
      due: { count: 3, firstNs: 0, lastNs: 200 * MS },
      sent: { count: 3, firstNs: 0, lastNs: 800 * MS },
      bindingNs: 700 * MS,
      spanNs: 800 * MS,
    },
  };
}

function reportOf(run: ReturnType<typeof handRun>): Report {
  return buildReport(run, {
    config: resolveConfig({}),
    configSha256: 'c',
    seed: 42,
    trace: { path: 't', sha256: 't', format: 'mooncake', requests: 3 },
  });
}

test('a cap: 2 gaps in 200 ms were asked for, 2 in 800 ms were had', () => {
  const run = cappedRun();
  const cap = summariseCap(run.cap, run.requests);
  expect(cap).toMatchObject({
    offered_rps: 10,
    achieved_rps: 2.5,
    binding_ratio: 0.875,
    delayed: 2,
  });
  expect(cap.delay_ms).toMatchObject({ n: 3, mean: 300, max: 600 });
  // TTFT from the send is 300 ms for all; from the due time 300, 600 and 900.
  expect(cap.due_ttft_ms).toMatchObject({ n: 3, mean: 600, max: 900 });
  expect(reportOf(run).summary.ttft_ms.mean).toBe(300);
  expect(requestRow(run.requests, 1)).toMatchObject({ due_ms: 100, arrival_ms: 400 });
  expect(Object.fromEntries(factRows(reportOf(run))).Cap).toBe(
    'at most 1 under way · 2.50 of 10.00 requests/s sent · binding 87.50 % of the time · ' +
      'delay mean 300.0 ms, p99 600.0 ms (in no latency above)',
  );
});

test('what warms up is flown and counted nowhere', () => {
  const run = handRun([
    { arrivalMs: 0, admitMs: 0, tokensMs: [900, 1000] },
    { arrivalMs: 500, admitMs: 500, tokensMs: [600, 700] },
    { arrivalMs: 600, admitMs: 600, tokensMs: [800, 1500] },
  ]);
  run.requests.warmup[0] = 1;
  const report = reportOf({ ...run, warmUp: { requests: 1, endNs: 500 * MS } });
  expect(report.summary).toMatchObject({ requests: 2, completed: 2, ttft_ms: { n: 2, mean: 150 } });
  expect(report.summary.warmup).toEqual({ requests: 1, end_ms: 500 });
  // Two requests from the 500th to the 1,500th millisecond.
  expect(report.summary.request_throughput_rps).toBe(2);
  expect(report.simulated_ms).toBe(1500);
  expect(requestRow(run.requests, 0)).toMatchObject({ warmup: 1 });
  expect(Object.fromEntries(factRows(report))['Warm-up']).toBe(
    '1 request in no statistic, until 500.0 ms',
  );
});

test('a run that is all warm-up has no numbers', () => {
  const run = handRun([{ arrivalMs: 0, admitMs: 0, tokensMs: [900, 1000] }]);
  run.requests.warmup[0] = 1;
  const { summary } = reportOf({
    ...run,
    warmUp: { requests: 1, endNs: Number.POSITIVE_INFINITY },
  });
  expect(summary.requests).toBe(0);
  expect(summary.request_throughput_rps).toBeUndefined();
  expect(summary.warmup).toEqual({ requests: 1 });
});
