import { expect, test } from 'vitest';
import { parseArguments } from './options.ts';

test('the whole swarm, a part of it, or one cluster', () => {
  expect(parseArguments([])).toEqual({ runs: 10_000, seed: expect.any(Number), keepGoing: false });
  expect(parseArguments(['--runs', '5'])).toEqual({
    runs: 5,
    seed: expect.any(Number),
    keepGoing: false,
  });
  expect(parseArguments(['--seed', '7'])).toEqual({ runs: 1, seed: 7, keepGoing: false });
  expect(parseArguments(['--seed=7', '--runs=3'])).toEqual({ runs: 3, seed: 7, keepGoing: false });
  expect(parseArguments(['--keep-going', '--runs', '9'])?.keepGoing).toBe(true);
  expect(parseArguments(['--help'])).toBeUndefined();
});

test.each([
  [['--run', '5'], /unknown option; received "--run"; allowed: .*; did you mean "--runs"\?/],
  [['--runs', 'many'], /--runs: bad value; received "many"; allowed: a whole number from 1 up/],
  [['--runs', '0'], /received "0"/],
  [['--seed', '1.5'], /a whole number from 0 up/],
  [['5'], /see --help/],
])('%j is refused', (args, message) => {
  expect(() => parseArguments(args)).toThrow(message);
});
