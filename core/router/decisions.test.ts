import { expect, test } from 'vitest';
import * as decisions from './decisions.ts';

test('every code of an outcome has its own name', () => {
  const codes = Object.values(decisions).filter((value) => typeof value === 'number');
  expect(codes.toSorted((a, b) => a - b)).toEqual(decisions.OUTCOMES.map((_, code) => code));
  const names = codes.map(decisions.outcomeName);
  expect(new Set(names).size).toBe(codes.length);
  expect(names.filter((name) => name.startsWith('outcome'))).toEqual([]);
  expect(decisions.outcomeName(decisions.ALL_WORKERS_OVERLOADED)).toBe(
    'all_eligible_workers_overloaded',
  );
  expect(decisions.outcomeName(99)).toBe('outcome 99');
});
