import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { ArrivalWindow } from './arrival-window.ts';
import { Forecaster } from './forecaster.ts';
import type { EndedFact, SentFact } from './shadow-facts.ts';

const timing = { type: 'linear', base_ms: 10, per_prefill_token_ms: 0.1 };
const config = resolveConfig({ engine: { block_size: 16, num_gpu_blocks: 256, timing } });

function sent(id: number, atMs: number, more: Partial<SentFact> = {}): SentFact {
  return {
    kind: 'sent',
    ...{ id, engine: 'a', rank: 0, atNs: atMs * 1e6, queuedNs: 0, inputTokens: 100 },
    ...{ hashes: new BigUint64Array(), knownBlocks: 0, outputHint: 0, mostOutputTokens: 5 },
    ...{ task: 0, priority: 0, strictPriority: 0, wantsForecast: true, ...more },
  };
}

function ended(id: number, atMs: number, more: Partial<EndedFact> = {}): EndedFact {
  return { kind: 'ended', id, atNs: atMs * 1e6, generated: 5, isWhole: true, ...more };
}

test('a forecast counts from the arrival at the router, and each engine has its own requests', () => {
  const forecaster = new Forecaster(config);
  // A prompt of 100 tokens takes 20 ms, each further token 10.
  expect(forecaster.sent(sent(0, 7))).toEqual({ id: 0, ttftNs: 20e6, e2eNs: 60e6 });
  expect(forecaster.sent(sent(1, 7, { engine: 'b', queuedNs: 3e6 }))).toEqual({
    ...{ id: 1, ttftNs: 23e6, e2eNs: 63e6 },
  });
  // Comes in the midst of the pass that ends at 27 ms, and has its own 20 ms behind that.
  expect(forecaster.sent(sent(2, 17))).toMatchObject({ id: 2, ttftNs: 30e6 });
  expect(forecaster.requests).toBe(3);
});

test('what has ended is load no more, and tells how long answers are', () => {
  const forecaster = new Forecaster(config);
  forecaster.sent(sent(0, 0, { mostOutputTokens: 100 }));
  forecaster.ended(ended(0, 30, { generated: 11 }));
  expect(forecaster.requests).toBe(0);
  const { ttftNs, e2eNs } = forecaster.sent(sent(1, 4000, { mostOutputTokens: 100 }))!;
  expect((e2eNs - ttftNs) / 10e6).toBe(10);
});

test('in hindsight only whole answers are told of, with what the model makes of them', () => {
  const forecaster = new Forecaster(config);
  forecaster.sent(sent(0, 10, { queuedNs: 4e6 }));
  // Twice as long as the model has it: 20 ms and four times 10, and what it waited before.
  expect(forecaster.ended(ended(0, 130))).toEqual({ e2eNs: 64e6, cameNs: 124e6 });
  forecaster.sent(sent(1, 200));
  expect(forecaster.ended(ended(1, 230, { isWhole: false }))).toBeUndefined();
  expect(forecaster.ended(ended(7, 240))).toBeUndefined();
});

test('an engine that nothing was sent to for an hour is forgotten when another comes, unless it is at work', () => {
  const forecaster = new Forecaster(config);
  for (const [id, engine] of ['a', 'b'].entries()) forecaster.sent(sent(id, id, { engine }));
  forecaster.ended(ended(0, 100));
  forecaster.sent(sent(2, 3_700_000, { engine: 'b' }));
  expect(forecaster.engines).toBe(2);
  forecaster.sent(sent(3, 3_700_001, { engine: 'c' }));
  expect(forecaster.engines).toBe(2);
  forecaster.sent(sent(4, 9_000_000, { engine: 'd' }));
  // b and c have requests that have not ended.
  expect(forecaster.engines).toBe(3);
});

test('an engine with more ranks than the model stands on those that there are', () => {
  const forecaster = new Forecaster(config);
  expect(forecaster.sent(sent(0, 0, { rank: 3 }))).toMatchObject({ ttftNs: 20e6 });
});

test('nobody who asks for no answer, or for no forecast, gets one; they are load all the same', () => {
  const forecaster = new Forecaster(config);
  expect(forecaster.sent(sent(0, 0, { task: 1 }))).toBeUndefined();
  expect(forecaster.sent(sent(1, 0, { wantsForecast: false }))).toBeUndefined();
  // All three are in one pass of 300 tokens.
  expect(forecaster.sent(sent(2, 0))!.ttftNs).toBe(40e6);
  // More than the engine has blocks for.
  expect(forecaster.sent(sent(3, 1, { inputTokens: 16 * 300 }))).toBeUndefined();
});

test('arrivals are flown again when a quarter of them is new, those that were answered alone', () => {
  const window = new ArrivalWindow(80);
  const add = (id: number, more?: Partial<EndedFact>) =>
    window.add(sent(id, 1000 - id, { queuedNs: 2e6 }), ended(id, 2000, more));
  for (let id = 0; id < 49; id++) add(id);
  add(49, { isWhole: false });
  expect(window.take()).toBeUndefined();
  add(50);
  const arrivals = window.take()!;
  expect(arrivals).toHaveLength(50);
  // In the order of arrival: that at 950 ms, less the wait in the router, came first.
  expect(arrivals[0]).toMatchObject({ arrivedNs: 948e6, inputTokens: 100, outputTokens: 5 });
  for (let id = 51; id < 151; id++) add(id);
  expect(window.take()!.map(({ arrivedNs }) => arrivedNs)).toContain(848e6);
  expect(window.take()).toBeUndefined();
});
