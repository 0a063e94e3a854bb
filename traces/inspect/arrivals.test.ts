import { expect, test } from 'vitest';
import { analyseArrivals, arrivalHistogram } from './arrivals.ts';

test('rate, peaks, burstiness and resolution by hand', () => {
  // Gaps 0, 500, 1,500, 2,000: mean 1,000, variance (1 + 0.25 + 0.25 + 1)/4 of 1,000².
  const arrivals = analyseArrivals(Float64Array.of(0, 0, 500, 2_000, 4_000));
  expect(arrivals).toEqual({
    n: 5,
    distinctTimestamps: 4,
    spanMs: 4_000,
    rateRps: 1.25,
    peakRps1s: 3,
    peakRps1min: 5 / 60,
    gapCv: Math.sqrt(0.625),
    timeResolutionMs: 500,
    clockStepMs: 500,
  });
});

test('a window leaves out what is exactly one window later', () => {
  expect(analyseArrivals(Float64Array.of(0, 1_000))?.peakRps1s).toBe(1);
  expect(analyseArrivals(Float64Array.of(0, 999.9))?.peakRps1s).toBe(2);
});

test('stamps in uneven rounds: the resolution is the round, the clock step is finer', () => {
  const arrivals = analyseArrivals(Float64Array.of(0, 0, 2_997, 5_997, 5_997, 8_998));
  expect(arrivals).toMatchObject({ timeResolutionMs: 2_997, clockStepMs: 1 });
});

test('what needs two moments is absent with one', () => {
  const arrivals = analyseArrivals(Float64Array.of(7, 7));
  expect(arrivals).toEqual({
    n: 2,
    distinctTimestamps: 1,
    spanMs: 0,
    peakRps1s: 2,
    peakRps1min: 2 / 60,
  });
  expect(analyseArrivals(new Float64Array(0))).toBeUndefined();
});

test('the histogram puts the last arrival into the last bin', () => {
  expect(arrivalHistogram(Float64Array.of(0, 1, 5, 10), 2)).toEqual([2, 2]);
});
