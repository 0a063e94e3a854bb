import { expect, test } from 'vitest';
import { secondsToNs, wholeNs } from './whole-ns.ts';

test('rounds to the nearest nanosecond', () => {
  expect(wholeNs(0)).toBe(0);
  expect(wholeNs(10)).toBe(10_000_000);
  expect(wholeNs(17.474885)).toBe(17_474_885);
  expect(wholeNs(0.0000014)).toBe(1);
  expect(wholeNs(0.0000016)).toBe(2);
  expect(secondsToNs(4_710)).toBe(4_710_000_000_000);
});

test('at half a nanosecond the exact value of the double decides', () => {
  // 2⁻¹⁰ s = 976,562.5 ns and 3 · 2⁻¹⁰ s = 2,929,687.5 ns are exact in binary: ties go to even.
  expect(secondsToNs(2 ** -10)).toBe(976_562);
  expect(secondsToNs(3 * 2 ** -10)).toBe(2_929_688);
  // The double next to 0.0070741625 lies below it, though its product with 10⁹ ends in ….5.
  const seconds = 0.0070741625;
  const exact = BigInt(seconds * 2 ** 60) * 1_000_000_000n;
  expect(exact < 14_148_325n * 2n ** 59n).toBe(true);
  expect(secondsToNs(seconds)).toBe(7_074_162);
});
