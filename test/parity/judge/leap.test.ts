import { expect, test } from 'vitest';
import { QuantileSketch } from '#core/base/sketch.ts';
import { RequestStatus, RequestTable } from '#sim/workload/request-table.ts';
import type { Outcome } from '../fly.ts';
import { judgeLeap } from './leap.ts';

/** A run of one request whose passes last 10 ns; its last token comes at `lastNs`. */
function outcome(lastNs: number, meanTtft: number): Outcome {
  const requests = new RequestTable();
  const row = requests.append(1, 1, 2);
  requests.status[row] = RequestStatus.completed;
  requests.firstTokenNs[row] = 10;
  requests.lastTokenNs[row] = lastNs;
  const itlNs = new QuantileSketch();
  itlNs.add(10);
  const names = ['mean_tpot_ms', 'mean_itl_ms', 'mean_e2e_latency_ms', 'duration_ms'];
  const means = [...names, 'output_throughput_tok_s'].map((name): [string, number] => [name, 1]);
  const summary = { ...Object.fromEntries(means), mean_ttft_ms: meanTtft };
  return { summary, rows: [], result: { requests, itlNs, passes: 1000 } as Outcome['result'] };
}

test('a request may be off by a nanosecond for each pass that fits into its time', () => {
  // 100 ns hold ten passes of 10 ns; one more may have begun.
  expect(judgeLeap(outcome(100, 1), outcome(111, 1))).toMatchObject({
    held: 'each request',
    worstNs: 11,
    boundNs: 11,
  });
});

test('beyond that the means must agree within 0.1 %', () => {
  expect(judgeLeap(outcome(100, 1), outcome(112, 1.0009)).held).toBe('means');
  expect(judgeLeap(outcome(100, 1), outcome(112, 1.0011)).held).toBe('neither');
});
