import { expect, test } from 'vitest';
import { HolderTable } from './holder-table.ts';

test('a request begins with a path and nothing held', () => {
  const holders = new HolderTable();
  holders.open(40, 7, 2, 5);
  holders.held[40] = 4;
  holders.duplicate[40] = 3;
  holders.open(40, 8, 1, 6);
  const { leaf, leafBlocks, pathBlocks, held, duplicate } = holders;
  const row = [leaf, leafBlocks, pathBlocks, held, duplicate].map((column) => column[40]);
  expect(row).toEqual([8, 1, 6, 0, -1]);
});
