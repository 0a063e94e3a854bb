import { expect, test } from 'vitest';
import { SteppedRun } from '../leap/stepped-run.ts';
import { PassTime } from '../timing/pass-time.ts';
import { shapeOf } from '../timing/timing.fixture.ts';
import type { TimingModel } from '../timing/timing-model.ts';
import { noteOtherTokens } from './other-tokens.ts';

/** A millisecond, and one for each token of others. */
const waiting: TimingModel = {
  prefillMs: ({ otherTokens }) => otherTokens ?? 0,
  decodeMs: () => 1,
  decodeCurve: (_, out) => out.clear(),
};

test('a rank learns what the others compute beside it, as soon as any of them has a prompt', () => {
  const shapes = [shapeOf([[8, 0]], 2), shapeOf([], 3), shapeOf([], 4)];
  noteOtherTokens(shapes);
  expect(shapes.map(({ otherTokens }) => otherTokens)).toEqual([7, 14, 13]);
  const decoding = [shapeOf([], 2), shapeOf([], 3)];
  noteOtherTokens(decoding);
  expect(decoding.map(({ otherTokens }) => otherTokens)).toEqual([undefined, undefined]);
});

test('and knows it in all passes of a leap', () => {
  const shapes = [shapeOf([[8, 0]], 2), shapeOf([], 3)];
  noteOtherTokens(shapes);
  const run = new SteppedRun();
  run.prepare(new PassTime(waiting), shapes, 2);
  // The second waits for 8 + 2 tokens of the first.
  expect([run.spanNs(1), run.spanNs(2)]).toEqual([11e6, 22e6]);
});
