import { expect, test } from 'vitest';
import { RequestTable } from './request-table.ts';
import { selectRows } from './select-rows.ts';

test('every column of a row comes along, whatever columns there are', () => {
  const table = new RequestTable();
  for (let row = 0; row < 40; row++) table.append(row + 1, row, row);
  const columns = Object.entries(table).filter(([, field]) => ArrayBuffer.isView(field));
  expect(columns.length).toBeGreaterThan(20);
  const filled = columns.filter(([, column]) => column.length > 0);
  for (const [, column] of filled) for (let row = 0; row < 40; row++) column[row] = row + 100;
  table.tenantNames.push('free');
  const selected = selectRows(table, Int32Array.of(30, 2));
  expect([selected.count, selected.tenantNames]).toEqual([2, ['free']]);
  for (const [name] of filled) {
    const column = Object.entries(selected).find(([own]) => own === name)?.[1];
    expect([...column.subarray(0, 2)], name).toEqual([130, 102]);
  }
  expect(selected.dueNs).toHaveLength(0);
  expect(selected.append(9, 1, 1)).toBe(2);
});
