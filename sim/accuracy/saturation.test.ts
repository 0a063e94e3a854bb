import { expect, test } from 'vitest';
import { pointOfRow } from '../estimate/measured/point-of-row.ts';
import { measuredSaturated, tellsTtft } from './saturation.ts';
import { truthOf } from './truth.ts';

/** A row of 100 tokens out, and whether it was measured saturated if a prompt alone takes 50 ms. */
function saturated(workload: object, metrics: Readonly<Record<string, number>>) {
  const row = {
    id: 'a',
    model: 'Qwen/Qwen3-8B',
    gpu: 'h100-sxm',
    tp: 1,
    engine: 'vllm',
    workload: { kind: 'closed-loop', concurrency: 16, isl: 512, osl: 100, ...workload },
    metrics,
  };
  return measuredSaturated(row, truthOf(row), pointOfRow(row, 1), 50);
}

test.each([
  // 99 gaps of 10 ms and TTFT: a tenth of that, beyond the prefill and the frontend, is a queue.
  [100, false],
  [400, true],
])('a closed loop with a TTFT of %i ms is saturated: %s', (ttft_mean_ms, expected) => {
  expect(saturated({}, { ttft_mean_ms, tpot_mean_ms: 10 })).toBe(expected);
});

test('an open loop that serves less than it is offered is saturated, whatever its TTFT', () => {
  const workload = { kind: 'open-loop', request_rate: 10, duration_s: 60 };
  const metrics = { ttft_mean_ms: 60, tpot_mean_ms: 10 };
  expect(saturated(workload, { ...metrics, req_s: 9.9 })).toBe(false);
  expect(saturated(workload, { ...metrics, req_s: 9 })).toBe(true);
});

test('a batch that is handed over at once is neither, and its TTFT is that of its prompts', () => {
  const workload = { kind: 'static-batch', batch: 16 };
  expect(saturated(workload, { ttft_mean_ms: 800, tpot_mean_ms: 10 })).toBeUndefined();
  expect(tellsTtft({ kind: 'static-batch' }, undefined)).toBe(true);
  expect(tellsTtft({ kind: 'closed-loop' }, undefined)).toBe(false);
});
