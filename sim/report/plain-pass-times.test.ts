import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { plainPassTimes } from './plain-pass-times.ts';

const POLYNOMIAL = "Dynamo's polynomial, of no particular engine or GPU";

test('the default says that it is of no engine and no GPU', () => {
  expect(plainPassTimes(resolveConfig({}))).toEqual([POLYNOMIAL]);
  expect(plainPassTimes({})).toEqual([POLYNOMIAL]);
});

test('a model on a GPU speaks for itself, in timing rows', () => {
  expect(plainPassTimes({ engine: { timing: { type: 'model' } } })).toEqual([]);
});

test('pools are told apart where they differ, and named once where they do not', () => {
  const pools = (...types: string[]) => ({
    cluster: {
      pools: types.map((type, index) => ({
        role: ['prefill', 'decode'][index]!,
        engine: { timing: { type } },
      })),
    },
  });
  expect(plainPassTimes(pools('polynomial', 'polynomial'))).toEqual([POLYNOMIAL]);
  expect(plainPassTimes(pools('model', 'polynomial'))).toEqual([`decode: ${POLYNOMIAL}`]);
  expect(plainPassTimes(pools('linear', 'table'))).toEqual([
    'prefill: linear coefficients of the config',
    "decode: the config's own table of measurements",
  ]);
});
