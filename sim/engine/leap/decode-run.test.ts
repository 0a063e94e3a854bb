import { expect, test } from 'vitest';
import { QuantileSketch } from '#core/base/sketch.ts';
import { FixedTiming } from '../timing/fixed.ts';
import { PassTime } from '../timing/pass-time.ts';
import { PolynomialTiming } from '../timing/polynomial.ts';
import { ScaledTiming } from '../timing/scaled.ts';
import { TableTiming } from '../timing/table.ts';
import { linearDecode, plain } from '../timing/timing.fixture.ts';
import type { TimingModel } from '../timing/timing-model.ts';
import { DecodeRun } from './decode-run.ts';

const TABLE = [
  [20, 2],
  [50, 5],
  [51, 9],
  [90, 9],
] as const;
const MODELS: readonly (readonly [string, TimingModel])[] = [
  ['fixed', new FixedTiming(1, 2.5)],
  ['linear', linearDecode],
  ['polynomial below its cap', new PolynomialTiming(10_000, plain)],
  ['polynomial across its cap', new PolynomialTiming(97, plain)],
  ['table across its points', new TableTiming(TABLE, TABLE)],
  ['scaled', new ScaledTiming(new PolynomialTiming(150, plain), 3, 2, false)],
];

/** Pass by pass, in milliseconds. */
function steps(model: TimingModel, requests: number, context: number, passes: number): number[] {
  return Array.from({ length: passes }, (_, i) => model.decodeMs(requests, context + requests * i));
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

test.each(MODELS)('%s: k passes in closed form are k passes', (_name, model) => {
  const run = new DecodeRun();
  for (const [requests, context] of [
    [1, 1],
    [3, 10],
    [7, 50],
    [4, 400],
  ] as const) {
    run.prepare(new PassTime(model), requests, context);
    for (const passes of [1, 2, 5, 17, 60]) {
      const steppedNs = sum(steps(model, requests, context, passes)) * 1e6;
      expect(Math.abs(run.spanNs(passes) - steppedNs)).toBeLessThanOrEqual(0.51);
    }
  }
});

test.each(MODELS)('%s: gaps have the count, sum, ends and quantiles of the steps', (_n, model) => {
  const run = new DecodeRun();
  run.prepare(new PassTime(model), 3, 10);
  const leapt = new QuantileSketch();
  const stepped = new QuantileSketch();
  run.addGaps(60, leapt);
  for (const ms of steps(model, 3, 10, 60)) stepped.add(ms * 1e6, 3);
  expect(leapt.count).toBe(180);
  expect(leapt.sum / stepped.sum).toBeCloseTo(1, 12);
  for (const q of [0, 0.1, 0.5, 0.9, 1]) {
    expect(leapt.quantile(q)! / stepped.quantile(q)!).toBeCloseTo(1, 2);
  }
});

test('the pass in which a moment lies, and the passes that fit before it', () => {
  const run = new DecodeRun();
  run.prepare(new PassTime(new FixedTiming(0, 2)), 5, 100);
  const ms = (value: number): number => value * 1e6;
  expect([0, 0.5, 2, 2.1, 6, 50].map((at) => run.passesUntil(ms(at), 10))).toEqual([
    1, 1, 1, 2, 3, 10,
  ]);
  expect([0, 1.9, 2, 5.9, 6, 50].map((at) => run.passesWithin(ms(at), 10))).toEqual([
    0, 0, 1, 2, 3, 10,
  ]);
});

test('nobody decodes, no run', () => {
  expect(() => new DecodeRun().prepare(new PassTime(new FixedTiming(1, 1)), 0, 0)).toThrow(
    'needs a request',
  );
});
