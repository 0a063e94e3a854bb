import { expect, test } from 'vitest';
import { Timeline } from '../../cluster/timeline.ts';
import type { WorkerSample } from '../../engine/worker-sample.ts';
import type { DataTable } from '../data-table.ts';
import { seriesText } from '../facts.ts';
import { handRun } from '../run-result.fixture.ts';
import { reportSeries } from './report-series.ts';
import { runSeries } from './run-series.ts';
import { workerSeries } from './worker-series.ts';

/** Two targets; target t runs t + 1 requests, and has made 100 · (t + 1) tokens a millisecond. */
const fleet = {
  sample(target: number, atNs: number, sample: WorkerSample): void {
    sample.running = target + 1;
    sample.waiting = 10 * target;
    sample.kvUsedBlocks = 20 * (target + 1);
    sample.kvCachedBlocks = 5;
    sample.outputTokens = ((target + 1) * atNs) / 10_000;
    sample.busyNs = target === 0 ? atNs : 0;
  },
};

/** Steps of 10 ms and a last one of 5; tokens by hand. */
function handSeries() {
  const timeline = new Timeline(10e6, 2);
  timeline.finish(25e6, 3, fleet);
  const result = handRun(
    [
      { arrivalMs: 0, admitMs: 1, tokensMs: [10], inputTokens: 100, reused: [40, 40], worker: 0 },
      { arrivalMs: 2, admitMs: 3, tokensMs: [14, 20], inputTokens: 300, worker: 1 },
      {
        arrivalMs: 4,
        admitMs: 11,
        tokensMs: [18, 25],
        inputTokens: 50,
        reused: [50, 50],
        worker: 1,
      },
      { arrivalMs: 21, terminalMs: 22, status: 'rejected' },
    ],
    { workers: 2, totalKvBlocks: 100, timeline },
  );
  return { result, timeline };
}

function column(table: DataTable, name: string) {
  return table.find((entry) => entry.name === name)?.values;
}

test('what happens at the end of a step belongs to it', () => {
  const { result, timeline } = handSeries();
  const series = runSeries(result, timeline, { ttft_ms: 12 });
  expect(column(series, 'to_ms')).toEqual([10, 20, 25]);
  expect(column(series, 'arrivals')).toEqual([3, 0, 1]);
  expect(column(series, 'completed')).toEqual([1, 1, 1]);
  expect(column(series, 'rejected')).toEqual([0, 0, 1]);
  expect(column(series, 'arrival_rps')).toEqual([300, 0, 200]);
  // TTFT 10 ms in the first step, 12 and 14 in the second, none in the third.
  expect(column(series, 'ttft_ms_p50')).toEqual([10, 14, undefined]);
  expect(column(series, 'e2e_ms_p99')).toEqual([10, 18, 21]);
  // 40 of 400 prompt tokens, then 50 of 50.
  expect(column(series, 'hit_ratio')).toEqual([0.1, 1, undefined]);
  expect(column(series, 'goodput_rps')).toEqual([100, 100, 0]);
  expect(column(series, 'goodput_ratio')).toEqual([1, 1, 0]);
  expect(column(runSeries(result, timeline, {}), 'goodput_rps')).toBeUndefined();
});

test('queues and blocks are those at the end of a step, tokens and busy time those within it', () => {
  const { result, timeline } = handSeries();
  const series = runSeries(result, timeline, {});
  expect(column(series, 'router_queue')).toEqual([3, 3, 3]);
  expect(column(series, 'running')).toEqual([3, 3, 3]);
  expect(column(series, 'waiting')).toEqual([10, 10, 10]);
  expect(column(series, 'kv_used_ratio')).toEqual([0.3, 0.3, 0.3]);
  expect(column(series, 'kv_cached_ratio')).toEqual([0.05, 0.05, 0.05]);
  expect(column(series, 'output_tok_s')).toEqual([300_000, 300_000, 300_000]);
  expect(column(series, 'busy_ratio')).toEqual([0.5, 0.5, 0.5]);
  const workers = workerSeries(result, timeline);
  expect(column(workers, 'worker')).toEqual([0, 1, 0, 1, 0, 1]);
  expect(column(workers, 'output_tok_s')?.slice(4)).toEqual([100_000, 200_000]);
  expect(column(workers, 'busy_ratio')).toEqual([1, 0, 1, 0, 1, 0]);
  expect(column(workers, 'hit_ratio')).toEqual([0.4, 0, undefined, 1, undefined, undefined]);
});

test('a run that takes no time has one step, in which nothing has a rate', () => {
  const timeline = new Timeline(10e6, 2);
  timeline.finish(0, 0, fleet);
  const result = handRun([{ arrivalMs: 0, terminalMs: 0, status: 'rejected' }], { workers: 2 });
  const series = runSeries(result, timeline, {});
  expect(column(series, 'rejected')).toEqual([1]);
  for (const name of ['arrival_rps', 'output_tok_s', 'busy_ratio']) {
    expect(column(series, name)).toEqual([undefined]);
  }
  expect(column(workerSeries(result, timeline), 'prefill_tok_s')).toEqual([undefined, undefined]);
});

test('in JSON a missing value is null, and workers are there on request', () => {
  const { result } = handSeries();
  const series = reportSeries(result, {}, false);
  expect(series?.step_ms).toBe(10);
  expect(series?.run.ttft_ms_p50).toEqual([10, 14, null]);
  expect(series?.workers).toBeUndefined();
  expect(reportSeries(result, {}, true)?.workers?.worker).toHaveLength(6);
  expect(reportSeries(handRun([]), {}, true)).toBeUndefined();
});

test('a step that was too fine for the run stands beside the one that was recorded', () => {
  const timeline = new Timeline(5e6, 2, 4);
  timeline.finish(25e6, 3, fleet);
  const series = reportSeries(handRun([], { workers: 2, timeline }), {}, false);
  expect([series?.asked_step_ms, series?.step_ms]).toEqual([5, 20]);
  expect(series && seriesText(series)).toBe('a row each 20 ms, not 5 ms: more would not fit');
  const { result } = handSeries();
  expect(reportSeries(result, {}, false)).not.toHaveProperty('asked_step_ms');
});
