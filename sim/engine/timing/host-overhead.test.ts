import { expect, test } from 'vitest';
import { DecodeRun } from '../leap/decode-run.ts';
import { FixedTiming } from './fixed.ts';
import { HostOverhead } from './host-overhead.ts';
import { PassTime } from './pass-time.ts';
import { PolynomialTiming } from './polynomial.ts';
import { TableTiming } from './table.ts';
import { linearDecode, plain, shapeOf } from './timing.fixture.ts';
import type { TimingModel } from './timing-model.ts';

const MS = 1e6;

/** 5 ms a pass and 250 µs a request. */
const after = new HostOverhead(5, 250, false);
const beside = new HostOverhead(5, 250, true);

test.each([
  [after, 2, 4, 8],
  [beside, 2, 4, 6],
  [beside, 9, 4, 9],
  [after, 9, 4, 15],
])('one after the other they add up, side by side the slower counts', (host, gpu, n, pass) => {
  expect(host.around(gpu * MS, n)).toBe(pass * MS);
});

test('a pass that computes nothing has no host part', () => {
  expect(after.around(0, 0)).toBe(0);
});

test('requests that prefill and requests that decode count alike', () => {
  const time = new PassTime(new FixedTiming(10, 2), after);
  expect(
    time.ofPass(
      shapeOf(
        [
          [8, 0],
          [4, 0],
        ],
        2,
      ),
    ),
  ).toBe(18 * MS);
});

const TABLE = [
  [20, 2],
  [50, 5],
  [51, 9],
  [90, 9],
  [120, 12],
] as const;
const MODELS: readonly (readonly [string, TimingModel])[] = [
  ['fixed', new FixedTiming(1, 2.5)],
  ['linear', linearDecode],
  ['polynomial', new PolynomialTiming(300, plain)],
  ['table', new TableTiming(TABLE, TABLE)],
];

test.each(MODELS)('%s: a leap takes what its passes take one by one', (_name, model) => {
  const run = new DecodeRun();
  for (const overlaps of [true, false]) {
    for (const perPassMs of [0.5, 2, 4.999, 5, 8, 9, 40]) {
      const time = new PassTime(model, new HostOverhead(perPassMs, 10, overlaps));
      for (const [requests, context] of [
        [1, 1],
        [3, 10],
        [7, 50],
        [4, 118],
      ] as const) {
        run.prepare(time, requests, context);
        let steppedNs = 0;
        const shape = shapeOf([], requests);
        for (let pass = 0; pass < 60; pass++) {
          shape.decodeContextTokens = context + requests * pass;
          steppedNs += time.ofPass(shape);
          expect(Math.abs(run.spanNs(pass + 1) - steppedNs)).toBeLessThanOrEqual(
            (pass + 1) / 2 + 1,
          );
        }
      }
    }
  }
});
