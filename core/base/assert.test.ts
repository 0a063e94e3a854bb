import { expect, test } from 'vitest';
import { AssertionError, assert, assertDefined, unreachable } from './assert.ts';

test('a broken invariant throws what should have been true', () => {
  expect(() => assert(false, 'time never goes back')).toThrow(
    new AssertionError('time never goes back'),
  );
  expect(() => assert(true, 'never said')).not.toThrow();
  expect(() => assertDefined(undefined, 'a row')).toThrow('a row');
  expect(assertDefined(0, 'a row')).toBe(0);
  expect(() => unreachable({ kind: 'new' } as never)).toThrow('unreachable: {"kind":"new"}');
});
