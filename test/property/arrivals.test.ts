import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { NS_PER_S } from '#core/base/time.ts';
import { RescaledClock } from '#sim/workload/arrivals/arrival-clock.ts';
import { ExponentialGaps, GammaGaps, type Gaps, WeibullGaps } from '#sim/workload/arrivals/gaps.ts';
import {
  RampRate,
  type RateShape,
  SineRate,
  SteppedRate,
} from '#sim/workload/arrivals/rate-shape.ts';
import { expectedUntil, type NaiveRate } from '#test/reference/naive-rate.ts';
import { check } from './check.ts';

const rps = fc.double({ min: 0.5, max: 50, noNaN: true });
const seconds = fc.double({ min: 1, max: 100, noNaN: true });

const shapes: fc.Arbitrary<NaiveRate> = fc.oneof(
  fc.record({ type: fc.constant('ramp' as const), from: rps, to: rps, durationS: seconds }),
  fc
    .record({ mean: rps, swing: fc.double({ min: 0, max: 1, noNaN: true }), periodS: seconds })
    .map(({ mean, swing, periodS }) => ({
      type: 'sine' as const,
      mean,
      amplitude: swing * mean,
      periodS,
    })),
  fc
    .array(fc.tuple(seconds, fc.oneof(rps, fc.constant(0))), { minLength: 1, maxLength: 6 })
    .map((parts) => {
      let atS = 0;
      const steps = parts.map(([lengthS, rate]): [number, number] => {
        const step: [number, number] = [atS, rate];
        atS += lengthS;
        return step;
      });
      return { type: 'steps' as const, steps: [...steps, [atS, 1] as const] };
    }),
);

function open(shape: NaiveRate): RateShape {
  if (shape.type === 'ramp') return new RampRate(shape.from, shape.to, shape.durationS);
  if (shape.type === 'sine') return new SineRate(shape.mean, shape.amplitude, shape.periodS);
  return new SteppedRate(
    Float64Array.from(shape.steps, ([atS]) => atS),
    Float64Array.from(shape.steps, ([, rate]) => rate),
  );
}

test('until the moment of an arrival the rate adds up to its number', () => {
  const cases = fc.tuple(shapes, fc.double({ min: 0.1, max: 3_000, noNaN: true }));
  check(cases, 300, ([shape, count]) => {
    const atS = open(shape).timeS(count);
    const sum = expectedUntil(shape, atS, 20_000);
    // A step that lies inside a slice is counted wholly to one side.
    expect(Math.abs(sum - count)).toBeLessThan(1e-6 * count + (100 * atS) / 20_000);
  });
});

test('later arrivals are later, however close they are', () => {
  const gap = fc.oneof(fc.double({ min: 0, max: 500, noNaN: true }), fc.constantFrom(0, 1e-15));
  check(fc.tuple(shapes, fc.array(gap)), 300, ([shape, gaps]) => {
    let next = 0;
    const clock = new RescaledClock(open(shape), { next: () => gaps[next++] ?? 1 });
    const times = Array.from({ length: gaps.length + 1 }, () => clock.arrivalNs());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});

const families: readonly [string, (seed: number) => Gaps][] = [
  ['Poisson', (seed) => new ExponentialGaps(openStream(seed, 'gaps'))],
  ['gamma', (seed) => new GammaGaps(0.5, openStream(seed, 'gaps'))],
  ['Weibull', (seed) => WeibullGaps.ofCv(1.4, openStream(seed, 'gaps'))],
];

test.each(families)('as many %s arrivals come as the rate says', (_, openGaps) => {
  check(fc.tuple(shapes, fc.nat(1_000)), 25, ([shape, seed]) => {
    const clock = new RescaledClock(open(shape), openGaps(seed));
    let lastNs = 0;
    for (let request = 0; request < 4_000; request++) lastNs = clock.arrivalNs();
    const expected = expectedUntil(shape, lastNs / NS_PER_S, 20_000);
    // Ten standard deviations of 4,000 gaps with CV 1.4, and the slices with a step inside.
    expect(Math.abs(expected - 4_000)).toBeLessThan(
      10 * 1.4 * Math.sqrt(4_000) + (100 * lastNs) / NS_PER_S / 20_000,
    );
  });
});
