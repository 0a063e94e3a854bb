import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';
import {
  EqualGaps,
  ExponentialGaps,
  GammaGaps,
  type Gaps,
  RecordedGaps,
  WeibullGaps,
} from './gaps.ts';

function cvOf(gaps: Gaps, nowS = 0): number {
  const drawn = Array.from({ length: 20_000 }, () => gaps.next(nowS));
  const mean = drawn.reduce((sum, gap) => sum + gap, 0) / drawn.length;
  expect(mean).toBeCloseTo(1, 1);
  const squares = drawn.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / drawn.length;
  return Math.sqrt(squares) / mean;
}

const stream = () => openStream(5, 'test');

test('families have the mean 1 and their coefficient of variation', () => {
  expect(cvOf(new EqualGaps())).toBe(0);
  expect(cvOf(new ExponentialGaps(stream()))).toBeCloseTo(1, 1);
  expect(cvOf(new GammaGaps(0.25, stream()))).toBeCloseTo(2, 1);
  expect(cvOf(new GammaGaps(4, stream()))).toBeCloseTo(0.5, 1);
  expect(cvOf(WeibullGaps.ofCv(0.5, stream()))).toBeCloseTo(0.5, 1);
  expect(cvOf(WeibullGaps.ofCv(1.5, stream()))).toBeCloseTo(1.5, 1);
});

test('a gamma of shape 1 draws what a Poisson process does', () => {
  const gamma = new GammaGaps(1, stream());
  const poisson = new ExponentialGaps(stream());
  expect(Array.from({ length: 50 }, () => gamma.next())).toEqual(
    Array.from({ length: 50 }, () => poisson.next()),
  );
});

test('a recording has the gaps of the window that it is in', () => {
  const windows: RateWindow[] = [
    { startS: 0, durationS: 10, ratePerS: 1, cv: 0.5, family: 'gamma', shape: 4, scaleS: 9 },
    { startS: 10, durationS: 10, ratePerS: 1, cv: 2 },
    { startS: 20, durationS: 10, ratePerS: 1, cv: 1, family: 'weibull', shape: 2, scaleS: 9 },
    { startS: 30, durationS: 10, ratePerS: 0 },
  ];
  const gaps = new RecordedGaps(windows, (nowS) => Math.floor(nowS / 10), stream());
  expect(cvOf(gaps, 5)).toBeCloseTo(0.5, 1);
  expect(cvOf(gaps, 15)).toBeCloseTo(2, 1);
  expect(cvOf(gaps, 25)).toBeCloseTo(Math.sqrt(4 / Math.PI - 1), 1);
  expect(cvOf(gaps, 35)).toBeCloseTo(1, 1);
});
