import * as fc from 'fast-check';
import { test } from 'vitest';
import { check } from './check.ts';
import { RadixPair } from './radix-pair.ts';

type Step = (pair: RadixPair) => void;

/** A step of the walk with a name for the counterexample. */
function step<T>(name: string, drawn: fc.Arbitrary<T>, act: (pair: RadixPair, value: T) => void) {
  return drawn.map((value): Step => {
    const run: Step = (pair) => act(pair, value);
    return Object.assign(run, { [fc.toStringMethod]: () => `${name} ${fc.stringify(value)}` });
  });
}

const prompt = fc.tuple(
  fc.array(fc.nat({ max: 1 }), { minLength: 1, maxLength: 4 }),
  fc.constantFrom(0, 0, 1),
);
const choice = fc.nat({ max: 7 });
const blocks = fc.tuple(choice, fc.constantFrom(1, 2, 8));

const steps = fc.oneof(
  { weight: 6, arbitrary: step('arrive', prompt, (pair, [ids, gap]) => pair.arrive(ids, gap)) },
  { weight: 5, arbitrary: step('insert', blocks, (pair, [at, count]) => pair.insert(at, count)) },
  { weight: 3, arbitrary: step('generate', choice, (pair, at) => pair.generate(at)) },
  { weight: 5, arbitrary: step('finish', choice, (pair, at) => pair.finish(at)) },
  { weight: 2, arbitrary: step('retract', choice, (pair, at) => pair.retract(at)) },
  { weight: 2, arbitrary: step('come back', fc.constant(0), (pair) => pair.comeBack()) },
);

const walk = fc.record({
  capacity: fc.integer({ min: 3, max: 24 }),
  unitBlocks: fc.constantFrom(1, 2, 3),
  steps: fc.array(steps, { minLength: 20, maxLength: 120, size: 'max' }),
});

test('evicted by last touch, runs of blocks behave as the leaves of a radix tree', () => {
  check(walk, 600, ({ capacity, unitBlocks, steps: taken }) => {
    const pair = new RadixPair(capacity, unitBlocks);
    for (const act of taken) {
      act(pair);
      pair.expectEqual();
    }
    pair.empty();
  });
});
