import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { DraftDraw } from './draft-draw.ts';

test('a burst ends with the first draft that is refused', () => {
  const stream = openStream(1, 'drafts');
  const burst = (...rates: number[]) => new DraftDraw(rates, stream).nextBurst();
  expect([burst(), burst(0), burst(1), burst(1, 1), burst(1, 0, 1)]).toEqual([1, 1, 2, 3, 2]);
});

test('the mean burst of rates 0.7, 0.5, 0.2 is 1 + 0.7 + 0.35 + 0.07 tokens', () => {
  const draw = new DraftDraw([0.7, 0.5, 0.2], openStream(7, 'drafts'));
  let tokens = 0;
  for (let burst = 0; burst < 40_000; burst++) tokens += draw.nextBurst();
  expect(Math.abs(tokens / 40_000 - 2.12)).toBeLessThan(0.02);
});
