import { expect, test } from 'vitest';
import { describeSorted, NumberColumn } from './distribution.ts';

test('percentiles are by nearest rank', () => {
  const column = new NumberColumn();
  for (let value = 100; value >= 1; value--) column.push(value);
  expect(describeSorted(column.sorted())).toEqual({
    n: 100,
    mean: 50.5,
    min: 1,
    p50: 50,
    p95: 95,
    p99: 99,
    max: 100,
  });
  expect(describeSorted(Float64Array.of(3))).toMatchObject({ n: 1, p50: 3, p99: 3 });
});

test('no numbers, no distribution', () => {
  expect(describeSorted(new NumberColumn().sorted())).toBeUndefined();
});
