import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from './check.ts';
import { PoolPair } from './pool-pair.ts';

type Step = (pair: PoolPair) => void;

/** A step of the walk with a name for the counterexample. */
function step<T>(name: string, drawn: fc.Arbitrary<T>, act: (pair: PoolPair, value: T) => void) {
  return drawn.map((value): Step => {
    const run: Step = (pair) => act(pair, value);
    return Object.assign(run, { [fc.toStringMethod]: () => `${name} ${fc.stringify(value)}` });
  });
}

const prompt = fc.tuple(
  fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 4 }),
  // Whole blocks most of the time: then a repeated prompt computes its last block once more.
  fc.constantFrom(0, 0, 0, 1, 3),
);
const choice = fc.nat({ max: 7 });

const steps = fc.oneof(
  { weight: 4, arbitrary: step('arrive', prompt, (pair, [ids, gap]) => pair.arrive(ids, gap)) },
  {
    weight: 6,
    arbitrary: step('chunk', fc.constantFrom(3, 8, 64), (pair, tokens) => pair.chunk(tokens)),
  },
  { weight: 4, arbitrary: step('decode', choice, (pair, which) => pair.decode(which)) },
  { weight: 2, arbitrary: step('finish', choice, (pair, which) => pair.finish(which)) },
  { weight: 2, arbitrary: step('preempt', choice, (pair, which) => pair.preempt(which)) },
  { weight: 2, arbitrary: step('come back', fc.constant(0), (pair) => pair.comeBack()) },
);

const walk = fc.record({
  capacity: fc.integer({ min: 3, max: 24 }),
  unitBlocks: fc.constantFrom(1, 2, 3),
  steps: fc.array(steps, { minLength: 20, maxLength: 120, size: 'max' }),
});

/** Orders of eviction: the built-in one, and scores of a user. Releases are numbered from 1. */
const ORDERS: readonly (readonly [string, number, ((release: number) => number) | undefined])[] = [
  ['by age', 1000, undefined],
  ['by a score that is always the same', 300, () => 0],
  ['by a score that goes up and down', 400, (release) => (release * 7919) % 5],
  ['by youth', 300, (release) => -release],
];

test.each(ORDERS)(
  'runs of blocks behave as single blocks do, evicted %s: same hits, counters and events',
  (_name, runs, worthOf) => {
    let duplicates = 0;
    check(walk, runs, ({ capacity, unitBlocks, steps: taken }) => {
      const pair = new PoolPair(capacity, unitBlocks, worthOf);
      for (const act of taken) {
        act(pair);
        pair.expectEqual();
      }
      duplicates += pair.duplicates;
      pair.empty();
    });
    // The walk reaches the rare case, unless one counterexample is being replayed.
    if (process.env.WINDTUNNEL_PATH === undefined) expect(duplicates).toBeGreaterThan(runs / 10);
  },
);

test('a score that is always the same evicts as age does', () => {
  check(walk, 300, ({ capacity, unitBlocks, steps: taken }) => {
    // The naive pool by age, the other by a score: the pair holds them together.
    const pair = new PoolPair(capacity, unitBlocks, undefined, () => 0);
    for (const act of taken) {
      act(pair);
      pair.expectEqual();
    }
    pair.empty();
  });
});
