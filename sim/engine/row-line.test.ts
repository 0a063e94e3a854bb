import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROPERTY_SEED } from '#test/property-seed.ts';
import { RowLine } from './row-line.ts';

function rowsOf(line: RowLine): readonly number[] {
  return Array.from({ length: line.count }, (_, place) => line.rowAt(place));
}

test('whoever comes first leaves first, and anybody may give up', () => {
  const line = new RowLine();
  for (const row of [4, 7, 5, 9]) line.push(row);
  expect(line.first).toBe(4);
  expect([line.remove(5), line.remove(5)]).toEqual([true, false]);
  line.removeFirst();
  expect(rowsOf(line)).toEqual([7, 9]);
  line.put(0, 3);
  line.removeFirst(2);
  expect(line.count).toBe(0);
  line.push(1);
  expect(line.first).toBe(1);
});

const step = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), row: fc.nat({ max: 30 }) }),
  fc.record({ kind: fc.constant('first' as const), rows: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ kind: fc.constant('remove' as const), row: fc.nat({ max: 30 }) }),
);

test('a line is an array that rows are pushed onto and shifted off', () => {
  const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const line = new RowLine();
    let rows: number[] = [];
    for (const one of steps) {
      if (one.kind === 'push') {
        line.push(one.row);
        rows.push(one.row);
      } else if (one.kind === 'first') {
        const count = Math.min(one.rows, rows.length);
        line.removeFirst(count);
        rows = rows.slice(count);
      } else {
        const at = rows.indexOf(one.row);
        expect(line.remove(one.row)).toBe(at >= 0);
        if (at >= 0) rows.splice(at, 1);
      }
      expect(rowsOf(line)).toEqual(rows);
    }
  });
  fc.assert(property, { numRuns: 200, seed: PROPERTY_SEED });
});
