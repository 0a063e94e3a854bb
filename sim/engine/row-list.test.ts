import { expect, test } from 'vitest';
import { RowList } from './row-list.ts';

test('rows keep their order when one is taken out', () => {
  const list = new RowList();
  for (let row = 0; row < 20; row++) list.push(row * 10);
  list.removeAt(1);
  list.removeAt(list.indexOf(190));
  expect(list.count).toBe(18);
  expect([...list.rows.subarray(0, 3)]).toEqual([0, 20, 30]);
  expect([list.indexOf(10), list.indexOf(180)]).toEqual([-1, 17]);
});

test('a row that was cleared away is not found', () => {
  const list = new RowList();
  list.push(4);
  list.clear();
  expect([list.count, list.indexOf(4)]).toEqual([0, -1]);
});
