import fc from 'fast-check';
import { expect, test } from 'vitest';
import { growColumn, RowAllocator } from './columns.ts';

test('a column keeps its contents and its kind, doubles, and fills with 0', () => {
  const column = Uint16Array.of(1, 2, 3);
  expect(growColumn(column, 3)).toBe(column);
  const grown = growColumn(column, 4);
  expect(grown).toBeInstanceOf(Uint16Array);
  expect([...grown]).toEqual([1, 2, 3, ...new Array<number>(13).fill(0)]);
  expect(growColumn(new Float64Array(100), 101)).toHaveLength(200);
  expect(growColumn(new Int32Array(100), 1_000)).toHaveLength(1_000);
});

test('rows come lowest first, and the one given back last comes back first', () => {
  const rows = new RowAllocator(2);
  expect([rows.take(), rows.take(), rows.take()]).toEqual([0, 1, 2]);
  rows.give(0);
  rows.give(2);
  expect(rows.used).toBe(1);
  expect([rows.take(), rows.take(), rows.take()]).toEqual([2, 0, 3]);
  expect(rows.capacity).toBeGreaterThanOrEqual(4);
});

test('giving back what is not taken is caught', () => {
  const rows = new RowAllocator();
  const row = rows.take();
  rows.give(row);
  for (const wrong of [row, 1, -1]) expect(() => rows.give(wrong)).toThrow('is not in use');
});

test('no row is ever in two hands, and the highest row fits the columns', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 9 }), { maxLength: 200 }), (steps) => {
      const rows = new RowAllocator(1);
      const held: number[] = [];
      for (const step of steps) {
        if (step < 6 || held.length === 0) {
          const row = rows.take();
          expect(held).not.toContain(row);
          expect(row).toBeLessThan(rows.capacity);
          held.push(row);
        } else {
          rows.give(held.splice(step % held.length, 1)[0]!);
        }
        expect(rows.used).toBe(held.length);
      }
    }),
  );
});
