import { expect, test } from 'vitest';
import { DuplicateTable } from './duplicate-table.ts';

test('the oldest copy of a block is found first', () => {
  const table = new DuplicateTable();
  const head = table.open(2, 4, 10, -1);
  table.open(2, 6, 11, head);
  const later = table.open(2, 4, 12, head);
  expect([table.find(head, 4), table.find(head, 6), table.find(head, 5)]).toEqual([head, 1, -1]);
  const newHead = table.close(head, head);
  expect(newHead).toBe(1);
  expect(table.find(newHead, 4)).toBe(later);
});

test('copies leave from the middle and from the end', () => {
  const table = new DuplicateTable();
  const head = table.open(0, 1, 0, -1);
  const middle = table.open(0, 2, 1, head);
  const last = table.open(0, 3, 2, head);
  expect(table.close(middle, head)).toBe(head);
  expect(table.next[head]).toBe(last);
  expect(table.close(last, head)).toBe(head);
  expect(table.close(head, head)).toBe(-1);
});

test('grows, and a row that is used again is free of its past', () => {
  const table = new DuplicateTable();
  const head = table.open(0, 0, 0, -1);
  for (let index = 1; index < 10; index++) table.open(0, index, index, head);
  expect(table.find(head, 9)).toBe(9);
  table.run[9] = 3;
  table.close(9, head);
  const again = table.open(1, 5, -1, -1);
  expect([again, table.run[again], table.next[again]]).toEqual([9, -1, -1]);
});
