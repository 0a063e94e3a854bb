import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RunResult } from '#sim/report/run-result.ts';
import { check } from './check.ts';
import { flightArbitrary, flyRandom, type RandomFlight } from './random-flight.ts';

const MOMENTS = [
  'arrivalNs',
  'routedNs',
  'firstAdmitNs',
  'firstTokenNs',
  'secondTokenNs',
  'lastTokenNs',
  'terminalNs',
] as const;

const FACTS = [
  'status',
  'worker',
  'admissions',
  'inputTokens',
  'outputTokens',
  'firstReusedTokens',
  'reusedTokens',
  'overlapBlocks',
  'bestOverlapBlocks',
  'session',
  'turn',
] as const;

/** What may not differ at all. */
function factsOf({ requests, itlNs, ...result }: RunResult) {
  const { passes, preemptions, committedPrefillTokens, peakKvBlocks } = result;
  const columns = FACTS.map((name) => [name, [...requests[name].subarray(0, requests.count)]]);
  const counters = { passes, preemptions, committedPrefillTokens, peakKvBlocks };
  return { ...Object.fromEntries(columns), ...counters, gaps: itlNs.count };
}

function momentsOf({ requests }: RunResult) {
  return MOMENTS.map((name) => [name, [...requests[name].subarray(0, requests.count)]] as const);
}

/** Some runs are cut off in the middle. */
function cutShort(flight: RandomFlight, ms: number | undefined): RandomFlight {
  if (ms === undefined) return flight;
  return { ...flight, config: { ...flight.config, simulation: { max_sim_time_ms: ms } } };
}

const limit = fc.oneof(fc.constant(undefined), fc.integer({ min: 1, max: 400 }));

test.for<[string, readonly string[] | undefined]>([
  ['any engine', undefined],
  ['SGLang alone', ['sglang']],
])(
  'with pass times in whole nanoseconds a leap equals stepping to the last bit: %s',
  ([, backends]) => {
    const drawn = fc.tuple(flightArbitrary(['fixed', 'linear', 'table'], backends), limit);
    let preemptions = 0;
    let leaps = 0;
    check(drawn, 400, ([flight, ms]) => {
      const exact = flyRandom(cutShort(flight, ms), 'exact');
      const leap = flyRandom(cutShort(flight, ms), 'leap');
      expect(factsOf(leap)).toEqual(factsOf(exact));
      expect(momentsOf(leap)).toEqual(momentsOf(exact));
      expect(leap.simulatedNs).toBe(exact.simulatedNs);
      preemptions += exact.preemptions;
      leaps += exact.events - leap.events;
      expect(leap.itlNs.sum).toBeCloseTo(exact.itlNs.sum, -1);
      for (const q of [0, 0.5, 0.9, 1]) expectNear(leap.itlNs.quantile(q), exact.itlNs.quantile(q));
    });
    // The flights are as tight as they claim to be, unless one of them is being replayed.
    if (process.env.WINDTUNNEL_PATH !== undefined) return;
    expect(preemptions).toBeGreaterThan(80);
    expect(leaps).toBeGreaterThan(2000);
  },
);

/** Quantiles may fall on two sides of the edge of a bucket of the sketch, which is 0.2 % wide. */
function expectNear(value: number | undefined, expected: number | undefined): void {
  if (expected === undefined) expect(value).toBeUndefined();
  else expect(Math.abs(value! - expected)).toBeLessThanOrEqual(expected * 0.002 + 1);
}

/** The flight with another order of eviction, where there is anything to evict. */
function evicting(flight: RandomFlight, policy: string): RandomFlight {
  const { engine } = flight.config;
  if (engine.enable_prefix_caching === false) return flight;
  return {
    ...flight,
    config: { ...flight.config, engine: { ...engine, kv_eviction_policy: policy } },
  };
}

test('with another order of eviction too', () => {
  const policy = fc.constantFrom('fifo', 'multi_lru');
  const drawn = fc.tuple(flightArbitrary(['fixed', 'linear']), policy);
  let different = 0;
  check(drawn, 150, ([flight, name]) => {
    const exact = flyRandom(evicting(flight, name), 'exact');
    const leap = flyRandom(evicting(flight, name), 'leap');
    expect(factsOf(leap)).toEqual(factsOf(exact));
    expect(momentsOf(leap)).toEqual(momentsOf(exact));
    const lru = JSON.stringify(factsOf(flyRandom(flight, 'leap')));
    if (lru !== JSON.stringify(factsOf(leap))) different++;
  });
  if (process.env.WINDTUNNEL_PATH === undefined) expect(different).toBeGreaterThan(2);
});

test('under the polynomial every moment is within a nanosecond a pass of stepping', () => {
  const ratio = fc.constantFrom(1, 2, 7, 0.3, 0.01);
  check(fc.tuple(flightArbitrary(['polynomial']), ratio), 200, ([drawn, speedup_ratio]) => {
    const engine = { ...drawn.config.engine, speedup_ratio };
    const flight = { ...drawn, config: { ...drawn.config, engine } };
    const exact = flyRandom(flight, 'exact');
    const leap = flyRandom(flight, 'leap');
    expect(factsOf(leap)).toEqual(factsOf(exact));
    // No pass of the polynomial is shorter than 5.74 ms, so only so many fit before a moment.
    const shortestNs = 5.74e6 / speedup_ratio;
    for (const [index, [name, times]] of momentsOf(leap).entries()) {
      const expected = momentsOf(exact)[index]![1];
      for (const [row, timeNs] of times.entries()) {
        const apart = Math.abs(timeNs - expected[row]!);
        expect(apart, `${name} of request ${row}`).toBeLessThanOrEqual(
          Math.ceil(expected[row]! / shortestNs) + 1,
        );
      }
    }
  });
});
