import { expect, test } from 'vitest';
import { incompleteBeta, studentTwoSided } from './student.ts';

test("Student's t agrees with the printed table", () => {
  // NIST/SEMATECH e-Handbook, table 1.3.6.7.2: 0.975 and 0.995 quantiles.
  const printed: [degrees: number, t: number, tails: number][] = [
    [1, 12.706, 0.05],
    [4, 2.776, 0.05],
    [4, 4.604, 0.01],
    [19, 2.093, 0.05],
    [99, 2.626, 0.01],
  ];
  for (const [degrees, t, tails] of printed) {
    expect(studentTwoSided(t, degrees) / tails).toBeCloseTo(1, 2);
    expect(studentTwoSided(-t, degrees)).toBe(studentTwoSided(t, degrees));
  }
  expect(studentTwoSided(0, 4)).toBe(1);
});

test('with one degree it is the Cauchy, and far tails keep their digits', () => {
  expect(studentTwoSided(1, 1)).toBeCloseTo(0.5, 12);
  expect(studentTwoSided(3, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(3), 12);
  // Two degrees: 1 − t/√(2 + t²).
  expect(studentTwoSided(40, 2) / (1 - 40 / Math.sqrt(2 + 1600))).toBeCloseTo(1, 6);
});

test('the incomplete beta is symmetric and has its closed forms', () => {
  expect(incompleteBeta(0.3, 1, 1)).toBeCloseTo(0.3, 14);
  expect(incompleteBeta(0.3, 2, 3)).toBeCloseTo(1 - incompleteBeta(0.7, 3, 2), 12);
  // I_x(2, 1) = x².
  expect(incompleteBeta(0.4, 2, 1)).toBeCloseTo(0.16, 13);
  expect([incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 1]);
});
