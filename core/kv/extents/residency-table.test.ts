import { expect, test } from 'vitest';
import { ResidencyTable } from './residency-table.ts';

test('active blocks are those of the longest hold', () => {
  const table = new ResidencyTable();
  const row = table.open(12);
  expect([table.find(12), table.find(13), table.active(row)]).toEqual([row, -1, 0]);
  for (const length of [3, 5, 3, 4]) table.addHold(row, length);
  expect(table.active(row)).toBe(5);
  table.removeHold(row, 5);
  expect(table.active(row)).toBe(4);
  table.removeHold(row, 4);
  table.removeHold(row, 3);
  expect(table.active(row)).toBe(3);
  table.removeHold(row, 3);
  expect(table.active(row)).toBe(0);
});

test('a hold that nobody has cannot be removed', () => {
  const table = new ResidencyTable();
  const row = table.open(0);
  table.addHold(row, 3);
  expect(() => table.removeHold(row, 2)).toThrow('nobody needs');
});

test('a row in use is not closed; a closed one is forgotten', () => {
  const table = new ResidencyTable();
  const row = table.open(5);
  table.addHold(row, 1);
  expect(() => table.close(row)).toThrow('in use');
  table.removeHold(row, 1);
  table.close(row);
  expect(table.find(5)).toBe(-1);
  expect(table.open(6)).toBe(row);
});
