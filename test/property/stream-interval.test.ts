import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { QuantileSketch } from '#core/base/sketch.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

/** All but the polynomial: its sums round, and a gap beside a bucket's edge falls into another. */
const TIMINGS = ['fixed', 'linear', 'table'];

function grouped(flight: RandomFlight, stream_interval: number): RandomFlight {
  const { engine, ...rest } = flight.config;
  return { ...flight, config: { ...rest, engine: { ...engine, stream_interval } } };
}

function factsOf(sketch: QuantileSketch): readonly unknown[] {
  const shares = [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 1];
  return [sketch.count, sketch.countUpTo(0), ...shares.map((share) => sketch.quantile(share))];
}

const intervals = fc.integer({ min: 2, max: 12 });

test('groups that a leap sends are those of stepping', () => {
  check(fc.tuple(flightArbitrary(TIMINGS), intervals), 200, ([drawn, interval]) => {
    const flight = grouped(drawn, interval);
    const leap = flyRandom(flight, 'leap');
    const exact = flyRandom(flight, 'exact');
    expect(factsOf(leap.itlNs)).toEqual(factsOf(exact.itlNs));
    expect(leap.itlNs.sum / Math.max(1, exact.itlNs.sum)).toBeCloseTo(
      exact.itlNs.sum > 0 ? 1 : 0,
      9,
    );
  });
});

test('groups move no request, and their gaps are as many and as long together as single ones', () => {
  check(fc.tuple(flightArbitrary(TIMINGS), intervals), 200, ([drawn, interval]) => {
    const single = flyRandom(drawn, 'exact');
    const sent = flyRandom(grouped(drawn, interval), 'exact');
    const { count } = single.requests;
    for (const key of ['firstTokenNs', 'lastTokenNs', 'terminalNs'] as const) {
      expect([...sent.requests[key].subarray(0, count)]).toEqual([
        ...single.requests[key].subarray(0, count),
      ]);
    }
    for (let row = 0; row < count; row++) {
      const [apart, together] = [single, sent].map(({ requests }) => requests.secondTokenNs[row]!);
      expect(together === apart || together! > apart!, `second token of ${row}`).toBe(true);
    }
    expect(sent.itlNs.count).toBe(single.itlNs.count);
    expect(sent.itlNs.sum).toBeCloseTo(single.itlNs.sum, 3);
  });
});
