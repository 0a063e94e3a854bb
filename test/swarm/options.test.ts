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

test('a soak of so long, at a rate', () => {
  expect(parseArguments(['--soak', '90s'])?.soak).toEqual({ durationMs: 90_000, ratePerS: 200 });
  expect(parseArguments(['--soak=1.5m', '--rate', '50'])?.soak).toEqual({
    durationMs: 90_000,
    ratePerS: 50,
  });
});

test.each([
  [['--soak', '90'], /--soak: bad value; received "90"; allowed: a time above 0, such as 90s/],
  [['--soak', '0s'], /received "0s"/],
  [['--rate', '5'], /--rate: without --soak it has no effect/],
  [['--run', '5'], /unknown option; received "--run"; allowed: .*; did you mean "--runs"\?/],
  [['--runs', 'many'], /--runs: bad value; received "many"; allowed: a whole number from 1 up/],
  [['--runs', '0'], /received "0"/],
  [['--seed', '1.5'], /a whole number from 0 up/],
  [['5'], /see --help/],
])('%j is refused', (args, message) => {
  expect(() => parseArguments(args)).toThrow(message);
});
