import { expect, test } from 'vitest';
import { SequenceTable } from './sequence-table.ts';

test('a request begins with nothing generated and nothing computed', () => {
  const table = new SequenceTable();
  table.open(30, 5);
  table.generated[30] = 4;
  table.computed[30] = 9;
  table.open(30, 7);
  expect([table.target[30], table.generated[30], table.computed[30]]).toEqual([7, 0, 0]);
});
