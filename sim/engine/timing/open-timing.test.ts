import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { openTiming } from './open-timing.ts';
import { plain, shapeOf } from './timing.fixture.ts';

const TABLE = [
  [1, 5],
  [2, 6],
];

test.each([
  [{ type: 'polynomial' }, 18.023974, 34.01],
  [{ type: 'fixed', prefill_ms: 7, decode_ms: 3 }, 7, 3],
  [{ type: 'linear', base_ms: 1, per_prefill_token_ms: 2, per_decode_request_ms: 5 }, 201, 6],
  [{ type: 'table', prefill: TABLE, decode: TABLE }, 104, 10],
])('%j', (timing, prefillMs, decodeMs) => {
  const config = resolveConfig({ engine: { block_size: 2, num_gpu_blocks: 2, timing } });
  const model = openTiming(config, plain);
  expect(model.prefillMs(shapeOf([[100, 0]]))).toBeCloseTo(prefillMs, 6);
  expect(model.decodeMs(1, 6)).toBeCloseTo(decodeMs, 6);
});

test('speedups reach every model', () => {
  const timing = { type: 'fixed', prefill_ms: 8, decode_ms: 8 };
  const engine = { timing, speedup_ratio: 2, decode_speedup_ratio: 2 };
  const model = openTiming(resolveConfig({ engine }), plain);
  expect([model.prefillMs(shapeOf([[1, 0]])), model.decodeMs(1, 1)]).toEqual([4, 2]);
});
