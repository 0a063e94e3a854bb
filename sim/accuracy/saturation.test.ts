import { expect, test } from 'vitest';
import { type Seen, saturations, tellsTtft } from './saturation.ts';
import type { Truth } from './truth.ts';

/** A point of 100 tokens out, in a sweep of the same server and prompts. */
function seen(truth: Truth, workload: object = {}): Seen {
  const row = {
    id: 'a',
    model: 'Qwen/Qwen3-8B',
    gpu: 'h100-sxm',
    tp: 1,
    engine: 'vllm',
    workload: { kind: 'closed-loop', concurrency: 16, isl: 512, osl: 100, ...workload },
  };
  return { row, truth, meanOutput: 100 };
}

test('requests of a sweep wait for what exceeds its least TTFT, whatever anyone predicts of it', () => {
  const at = (ttftMs: number) => seen({ ttftMs, tpotMs: 10 });
  // 99 gaps of 10 ms and TTFT: a tenth of that, beyond 60 ms, is a queue.
  expect(saturations([at(60), at(100), at(180), at(200)])).toEqual([false, false, true, true]);
});

test('the least TTFT is that of the same server and prompts, under any load', () => {
  const long = { isl: 4096 };
  const points = [
    seen({ ttftMs: 60, tpotMs: 10 }, { osl: 50 }),
    seen({ ttftMs: 300, tpotMs: 10 }, long),
    seen({ ttftMs: 350, tpotMs: 10 }, { ...long, concurrency: 32 }),
  ];
  expect(saturations(points)).toEqual([false, false, false]);
});

test('a point without a sweep is saturated where it waits for more than half of its time', () => {
  expect(saturations([seen({ ttftMs: 980, tpotMs: 10 })])).toEqual([false]);
  expect(saturations([seen({ ttftMs: 1000, tpotMs: 10 })])).toEqual([true]);
});

test('an open loop that serves less than it is offered is saturated, whatever its TTFT', () => {
  const served = (requestsPerS: number) =>
    saturations([
      seen({ ttftMs: 60, tpotMs: 10, requestsPerS }, { kind: 'open-loop', request_rate: 10 }),
    ]);
  expect([served(9.9), served(9)]).toEqual([[false], [true]]);
});

test('a batch that is handed over at once is neither, and its TTFT is that of its prompts', () => {
  const batch = seen({ ttftMs: 800, tpotMs: 10 }, { kind: 'static-batch' });
  expect(saturations([batch, seen({ tpotMs: 10 })])).toEqual([undefined, undefined]);
  expect(tellsTtft({ kind: 'static-batch' }, undefined)).toBe(true);
  expect(tellsTtft({ kind: 'closed-loop' }, undefined)).toBe(false);
});
