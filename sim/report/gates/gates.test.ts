import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { buildReport, type Report } from '../report.ts';
import { handRun } from '../run-result.fixture.ts';
import { gateTable, hasFailedGate, withGates } from './judge-gates.ts';
import { RUN_METRICS, TENANT_METRICS } from './metric-names.ts';
import { parseGate } from './parse-gate.ts';

/** TTFT 10 and 30 ms; one of two within 20 ms. */
const report: Report = buildReport(
  handRun([
    { arrivalMs: 0, admitMs: 0, tokensMs: [10, 20], tenant: 'a.b' },
    { arrivalMs: 0, admitMs: 0, tokensMs: [30, 50], tenant: 'c', admissions: 2 },
  ]),
  {
    config: resolveConfig({ slo: { ttft_ms: 20 } }),
    configSha256: 'c'.repeat(64),
    seed: 42,
    trace: { path: 'hand.jsonl', sha256: 't'.repeat(64), format: 'mooncake', requests: 2 },
  },
);

const judged = (text: string) => withGates(report, [parseGate(text)]).gates![0]!;

test.each([
  ['ttft_ms.mean<=20', 20, true],
  ['ttft_ms.mean<20', 20, false],
  [' summary.ttft_ms.mean  >= 20.0001 ', 20, false],
  ['goodput.ratio>=.5', 0.5, true],
  ['completed==2', 2, true],
  ['completed!=2', 2, false],
  ['ttft_ms.max>2.9e1', 30, true],
  ['anomalies.hot_worker==0', 0, true],
  ['anomalies.preempted<1', 1, false],
  ['simulated_ms<=50', 50, true],
  ['tenants.a.b.ttft_ms.max<=10', 10, true],
  ['tenants.c.goodput.ratio>0', 0, false],
])('%s holds %d: %s', (text, value, passed) => {
  expect(judged(text)).toMatchObject({ value, passed });
});

test('a percentile of two samples decides, and is marked', () => {
  expect(judged('ttft_ms.p99<=500')).toEqual({
    gate: 'ttft_ms.p99<=500',
    metric: 'ttft_ms.p99',
    bound: 500,
    value: 30,
    passed: true,
    thin: true,
  });
  expect(judged('ttft_ms.mean<=500')).not.toHaveProperty('thin');
});

test('a number that the run does not have fails its gate, and says why', () => {
  const empty = { ...report, summary: { ...report.summary, ttft_ms: { n: 0 } } };
  const [gate] = withGates(empty, [parseGate('ttft_ms.p50<=1000')]).gates!;
  expect(gate).toMatchObject({ passed: false, reason: 'the run has no such number' });
  expect(judged('tenants.d.completed>0')).toMatchObject({
    passed: false,
    reason: 'no tenant d; tenants of the trace: a.b, c',
  });
});

test('one failed gate of several fails the run, and none leaves the report as it is', () => {
  const gates = ['completed==2', 'rejected>0'].map(parseGate);
  expect(hasFailedGate(withGates(report, gates))).toBe(true);
  expect(hasFailedGate(withGates(report, gates.slice(0, 1)))).toBe(false);
  expect(withGates(report, [])).toBe(report);
  expect(gateTable(withGates(report, gates))?.rows).toEqual([
    ['completed==2', '2', 'pass'],
    ['rejected>0', '0', 'FAIL'],
  ]);
});

test.each([
  ['ttft_ms.p99', /--gate: no bound; received "ttft_ms.p99"; allowed: METRIC OP VALUE/],
  ['<=500', /no metric before the operator/],
  ['ttft_ms.p99<=fast', /the value is not a number/],
  ['goodput.ratio>=95%', /write a ratio as 0.95/],
  ['ttft_ms.p99<==5', /no such operator; .*; allowed: <= >= == != < >$/],
  ['ttft_ms.p99=<500', /no such operator; .*; allowed: <= >= == != < >$/],
  [
    'ttft_ms.p98<=5',
    /allowed: ttft_ms.mean, .*ttft_ms.p90, ttft_ms.p95, ttft_ms.p99.*did you mean/,
  ],
  ['ttft_ms<=500', /no such metric: ttft_ms; .*did you mean "ttft_ms.p99"/],
  ['tttf_ms.p99<=500', /did you mean "ttft_ms.p99"/],
  ['anomalies.hotworker==0', /did you mean "anomalies.hot_worker"/],
  ['tenants.a.itl_ms.p99<5', /no such metric: itl_ms.p99/],
  ['', /no bound/],
])('%j is refused in full words', (text, message) => {
  expect(() => parseGate(text)).toThrow(message);
});

test('every metric that the grammar knows is a path of a report that has it', () => {
  const value = (owner: object, path: string): unknown =>
    path
      .split('.')
      .reduce<unknown>((inner, part) => (inner as Record<string, unknown>)[part], owner);
  const ofClients = /^(cancelled|timed_out|attempts\.|wasted\.)/;
  for (const metric of RUN_METRICS) {
    if (metric.startsWith('anomalies.') || metric === 'simulated_ms') continue;
    if (ofClients.test(metric)) continue;
    expect(typeof value(report.summary, metric), metric).toBe('number');
  }
  for (const metric of TENANT_METRICS) {
    if (ofClients.test(metric)) continue;
    expect(typeof value(report.tenants![0]!, metric), metric).toBe('number');
  }
});

test('what a report leaves out where no client left or tried again counts as nothing', () => {
  const gates = ['timed_out<=0', 'attempts.amplification<=1', 'tenants.c.cancelled==0'];
  const judged = withGates(report, gates.map(parseGate)).gates;
  expect(judged?.map(({ value, passed }) => [value, passed])).toEqual([
    [0, true],
    [1, true],
    [0, true],
  ]);
});
