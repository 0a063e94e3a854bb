import { expect, test } from 'vitest';
import { compatSwitches } from './compat.ts';

test('nothing is imitated unless asked for, and everything is when it is', () => {
  expect(new Set(Object.values(compatSwitches('none')))).toEqual(new Set([false]));
  expect(new Set(Object.values(compatSwitches('dynamo-1.6')))).toEqual(new Set([true]));
});
