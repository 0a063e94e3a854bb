import { expect, test } from 'vitest';
import { InputError } from './errors.ts';
import { callReturned, callThrew, describeValue, type UserCall } from './user-code.ts';

const CALL: UserCall = {
  source: {
    file: 'mine.ts',
    placeOf: () => ({ file: 'mine.ts', line: 3, column: 5 }),
    placeOfError: () => ({ line: 7, column: 2 }),
  },
  path: 'selection.scorers[0].score',
  code: () => 0,
  about: 'request 1',
};

test('an error is placed where it was thrown, a bad answer where the function stands', () => {
  expect(callThrew(CALL, new TypeError('no')).message).toBe(
    'mine.ts:7:2: selection.scorers[0].score: threw for request 1: TypeError: no',
  );
  expect(callReturned(CALL, 'x', 'a number').message).toBe(
    'mine.ts:3:5: selection.scorers[0].score: returned nonsense for request 1; received "x"; allowed: a number',
  );
});

test('what was thrown need not be an error, and an error of ours is left as it is', () => {
  expect(callThrew(CALL, 'a text').message).toMatch(/: a text$/);
  const ours = new InputError('policy_invalid', 'said already');
  expect(callThrew(CALL, ours)).toBe(ours);
});

test('whatever was returned can be shown', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const values = [undefined, Number.NaN, 'x', { a: 1 }, [true], () => 1, Float64Array.of(1, 2)];
  expect([...values, circle, 1n].map(describeValue)).toEqual([
    ...[undefined, Number.NaN, 'x', { a: 1 }, [true], 'a function', [1, 2]],
    ...['[object Object]', '1'],
  ]);
  for (const value of [...values, circle, 1n]) {
    expect(() => JSON.stringify(callReturned(CALL, value, 'less').data)).not.toThrow();
  }
});
