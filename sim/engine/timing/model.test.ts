import { expect, test } from 'vitest';
import { deploymentOn } from '#core/perf/pass/deployment.fixture.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { ModelTiming } from './model.ts';
import { onCurve, shapeOf } from './timing.fixture.ts';

const pass = new ForwardPass(deploymentOn('h100', 'meta-llama/Llama-3.1-8B-Instruct'));

const timing = new ModelTiming(pass);

function kernelMs(requests: number, context: number): number {
  return pass.ms({ ...shapeOf([], requests), decodeContextTokens: context });
}

test('at a knot the decode part is the pass itself, and between knots less than 1 % beside it', () => {
  expect(timing.decodeMs(32, 32 * 1024)).toBeCloseTo(kernelMs(32, 32 * 1024), 9);
  for (const context of [700, 1500, 3000, 20_000]) {
    expect(timing.decodeMs(32, 32 * context) / kernelMs(32, 32 * context)).toBeCloseTo(1, 2);
  }
});

test.each([1, 64, 1000, 4097, 123_456])('curve and decode part agree at %i tokens', (context) => {
  expect(onCurve(timing, 8, 8 * context)).toBeCloseTo(timing.decodeMs(8, 8 * context), 9);
});

test('more context never takes less time', () => {
  for (const requests of [1, 7, 128]) {
    let before = 0;
    for (let context = 1; context < 200_000; context = Math.ceil(context * 1.3)) {
      const ms = timing.decodeMs(requests, requests * context);
      expect(ms).toBeGreaterThanOrEqual(before);
      before = ms;
    }
  }
});

test('a mixed pass takes what its kernels take together', () => {
  const shape = shapeOf([[512, 1024]], 16);
  shape.decodeContextTokens = 16 * 2048;
  const parts = timing.prefillMs(shape) + timing.decodeMs(16, 16 * 2048);
  expect(parts).toBeCloseTo(pass.ms(shape), 6);
});

test('what a pass takes beside its kernels comes once, and for each of its requests', () => {
  const slow = new ModelTiming(pass, { perPassMs: 2, perRequestMs: 0.5 });
  expect(slow.decodeMs(16, 16_000) - timing.decodeMs(16, 16_000)).toBeCloseTo(2 + 16 * 0.5, 9);
  const alone = shapeOf([[512, 0]]);
  expect(slow.prefillMs(alone) - timing.prefillMs(alone)).toBeCloseTo(2.5, 9);
  const mixed = shapeOf([[512, 0]], 16);
  mixed.decodeContextTokens = 16_000;
  const more = (model: ModelTiming) => model.prefillMs(mixed) + model.decodeMs(16, 16_000);
  expect(more(slow) - more(timing)).toBeCloseTo(2 + 17 * 0.5, 9);
  expect([slow.prefillMs(shapeOf([])), slow.decodeMs(0, 0)]).toEqual([0, 0]);
});

test('nothing to do takes no time', () => {
  expect([timing.prefillMs(shapeOf([])), timing.decodeMs(0, 0)]).toEqual([0, 0]);
});

test('a rank that only decodes waits for the experts of the prompts of others', () => {
  const ofAll = new ModelTiming({
    // A millisecond a hundred tokens of all four ranks.
    ms: ({ prefillTokens, decodeRequests, otherTokens }) => {
      const own = prefillTokens + decodeRequests;
      return (otherTokens === undefined ? 4 * own : own + otherTokens) / 100;
    },
  });
  const shape = shapeOf([], 25);
  expect(ofAll.prefillMs(shape) + ofAll.decodeMs(25, 25)).toBe(1);
  shape.otherTokens = 475;
  expect(ofAll.prefillMs(shape) + ofAll.decodeMs(25, 25)).toBeCloseTo(5, 9);
  const idle = shapeOf([], 0);
  idle.otherTokens = 475;
  expect(ofAll.prefillMs(idle)).toBe(0);
});
