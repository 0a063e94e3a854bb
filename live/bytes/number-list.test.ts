import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROPERTY_SEED } from '#test/property-seed.ts';
import { readNumbers } from './number-list.ts';

const read = (text: string): readonly number[] | undefined => {
  const numbers = readNumbers(Buffer.from(text));
  return numbers && [...numbers];
};

test('reads what JSON.parse reads, however it is spaced', () => {
  const ids = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }));
  const holds = (list: readonly number[], indent: number): void => {
    expect(read(JSON.stringify(list, undefined, indent))).toEqual(list);
  };
  fc.assert(fc.property(ids, fc.integer({ min: 0, max: 2 }), holds), { seed: PROPERTY_SEED });
  expect(read('[ 1 ,\t2\n]')).toEqual([1, 2]);
});

test('leaves everything else to JSON.parse', () => {
  const others = ['[1.5]', '[-1]', '[1e3]', '["a"]', '[[1]]', '[4294967296]', '[1,null]', '"[1]"'];
  expect(others.map(read)).toEqual(others.map(() => undefined));
});
