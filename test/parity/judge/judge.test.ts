import { expect, test } from 'vitest';
import { RequestStatus, RequestTable } from '#sim/workload/request-table.ts';
import { judgeBands } from './band-summary.ts';
import { type Check, checkClose, ratioOf } from './check.ts';
import { judgeDefect } from './defect.ts';
import { judgeExactSummary, unreported } from './exact-summary.ts';
import { judgeArrivals } from './random-arrivals.ts';
import { parseRows } from './recorded-rows.ts';
import { Relabelling } from './relabelling.ts';
import { pool } from './remeasured.ts';
import { judgeRows } from './request-rows.ts';
import { isSaturated } from './saturated.ts';

const failing = (checks: readonly Check[]): string[] =>
  checks.filter((check) => !check.ok).map((check) => check.metric);

test('times may differ by a nanosecond, counts by nothing, sketched percentiles by 0.2 %', () => {
  expect(checkClose('t', 10, 10.000001).ok).toBe(true);
  expect(checkClose('t', 10, 10.0000012).ok).toBe(false);
  const theirs = { num_requests: 3, mean_itl_ms: 10, p99_itl_ms: 10, note: 'x', gpu_hours: 1 };
  const ours = { num_requests: 3, mean_itl_ms: 10, p99_itl_ms: 10.019 };
  expect(failing(judgeExactSummary(theirs, ours))).toEqual([]);
  expect(unreported(theirs, ours)).toEqual(['gpu_hours']);
  const off = { num_requests: 4, mean_itl_ms: 10.001, p99_itl_ms: 10.021 };
  expect(failing(judgeExactSummary(theirs, off))).toEqual(Object.keys(off));
});

test('means lie within three standard errors of the difference, but at least within 0.5 %', () => {
  const theirs = { mean_ttft_ms: { mean: 100, std: 1, min: 0, max: 0 } };
  const unsaturated = { runs: 5, saturated: false };
  // 3 · 1 · √(1/5 + 1/5) = 1.897
  const at = (value: number): Record<string, number>[] =>
    Array.from({ length: 5 }, () => ({ mean_ttft_ms: value }));
  expect(failing(judgeBands(theirs, at(101.89), unsaturated))).toEqual([]);
  expect(failing(judgeBands(theirs, at(101.9), unsaturated))).toEqual(['mean_ttft_ms']);
  const narrow = { mean_ttft_ms: { mean: 100, std: 0.1, min: 0, max: 0 } };
  expect(failing(judgeBands(narrow, at(100.49), unsaturated))).toEqual([]);
  expect(failing(judgeBands(narrow, at(100.51), unsaturated))).toEqual(['mean_ttft_ms']);
  expect(failing(judgeBands(narrow, at(101.9), { runs: 5, saturated: true }))).toEqual([]);
});

test('counts that never varied are exact, reuse is within 0.01, extremes are only shown', () => {
  const theirs = { completed_requests: 9, prefix_cache_reused_ratio: 0.2, max_ttft_ms: 5 };
  const context = { runs: 5, saturated: false };
  const good = { completed_requests: 9, prefix_cache_reused_ratio: 0.209, max_ttft_ms: 50 };
  const bad = { completed_requests: 8, prefix_cache_reused_ratio: 0.211, max_ttft_ms: 50 };
  expect(failing(judgeBands(theirs, [good], context))).toEqual([]);
  expect(failing(judgeBands(theirs, [bad], context))).toEqual([
    'completed_requests',
    'prefix_cache_reused_ratio',
  ]);
});

test('a mean TTFT beyond a second means long queues', () => {
  expect(isSaturated({ mean_ttft_ms: 900 })).toBe(false);
  expect(isSaturated({ mean_ttft_ms: { mean: 1900, std: 1, min: 0, max: 0 } })).toBe(true);
});

test('workers may be exchanged, but one to one', () => {
  const labels = new Relabelling();
  expect([labels.matches(3, 0), labels.matches(1, 1), labels.matches(3, 0)]).toEqual([
    true,
    true,
    true,
  ]);
  expect(labels.matches(3, 1)).toBe(false);
  expect(labels.matches(2, 0)).toBe(false);
});

test('rows are compared field by field, admissions and routes included', () => {
  const theirs = [
    {
      arrival_time_ms: 0,
      ttft_ms: 10,
      decode_worker_idx: 2,
      terminal_status: 'completed',
      session_id: 'request_1',
      routes: [{ selected_overlap_blocks: 4 }],
      admissions: [
        { at_ms: 1, reused_input_tokens: 0, is_readmission: false },
        { at_ms: 9, reused_input_tokens: 64, is_readmission: true },
      ],
    },
  ];
  const ours = {
    arrival_time_ms: 0,
    first_admit_ms: 1,
    ttft_ms: 10,
    decode_worker_idx: 0,
    selected_overlap_blocks: 4,
    admission_count: 2,
    readmission_count: 1,
    reused_input_tokens: 64,
    first_reused_input_tokens: 0,
    session_id: undefined,
    terminal_status: 'completed',
  };
  expect(judgeRows(theirs, [ours], true)).toEqual({ compared: 10, differences: [] });
  const other = { ...ours, first_admit_ms: 1.1, selected_overlap_blocks: 3 };
  expect(failing(judgeRows(theirs, [other], false).differences)).toEqual([
    'request 0 first_admit_ms',
    'request 0 decode_worker_idx',
    'request 0 selected_overlap_blocks',
  ]);
  expect(failing(judgeRows(theirs, [], true).differences)).toEqual(['requests that ended']);
});

test('a recorded table becomes rows', () => {
  const csv = 'arrival_time_ms,worker,ttft_ms,e2e_latency_ms\n1,2,3,4\n5,0,,\n';
  expect(parseRows(csv)).toMatchObject([
    { decode_worker_idx: 2, first_token_ms: 4, last_token_ms: 5 },
    { arrival_time_ms: 5, decode_worker_idx: 0 },
  ]);
});

test('where the peer gives up, every request of ours must have ended', () => {
  const table = new RequestTable();
  for (const status of [RequestStatus.completed, RequestStatus.rejected]) {
    const row = table.append(1, 1, 1);
    table.arrivalNs[row] = 0;
    table.status[row] = status;
  }
  expect(failing(judgeDefect(table))).toEqual([]);
  table.arrivalNs[table.append(3, 1, 1)] = 0;
  expect(failing(judgeDefect(table))).toHaveLength(1);
});

test('arrivals agree in rate and shape', () => {
  // Gaps 0.2877, 1.3863 and so on are the quartile middles of an exponential of mean 1.
  const gaps = Array.from({ length: 2000 }, (_, i) => -Math.log((i + 0.5) / 2000));
  const times = [0];
  for (const gap of gaps) times.push(times.at(-1)! + gap * 20);
  expect(failing(judgeArrivals([times], 50, 2001))).toEqual([]);
  expect(failing(judgeArrivals([times], 60, 2001))).toHaveLength(2);
  const even = Array.from({ length: 2001 }, (_, i) => i * 20);
  expect(failing(judgeArrivals([even], 50, 2001))).toEqual(['standard deviation of the gaps, ms']);
});

test('the ratio is ours to theirs, absent where it says nothing', () => {
  const check = { metric: 'x', allowed: '', ok: true };
  expect(ratioOf({ ...check, theirs: 4, ours: 2 })).toBe(0.5);
  expect(ratioOf({ ...check, theirs: 0, ours: 0 })).toBe(1);
  expect(ratioOf({ ...check, theirs: 0, ours: 2 })).toBeUndefined();
  expect(ratioOf({ ...check, theirs: 'a', ours: 'a' })).toBeUndefined();
});

test('further runs of the peer are pooled with the recorded ones', () => {
  // Recorded 1 and 3: mean 2, std √2. With 5 and 7: mean 4, squares 9 + 1 + 1 + 9 over 3.
  const recorded = { mean: 2, std: Math.SQRT2, min: 1, max: 3 };
  const pooled = pool(recorded, 2, [5, 7]);
  expect(pooled).toMatchObject({ mean: 4, min: 1, max: 7, runs: 4 });
  expect(pooled.std).toBeCloseTo(Math.sqrt(20 / 3), 12);
});
