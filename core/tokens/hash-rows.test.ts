import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROPERTY_SEED } from '#test/property-seed.ts';
import { HashRows } from './hash-rows.ts';

test('rows are found by their hashes as in a map, also where the lower halves collide', () => {
  const half = fc.constantFrom(0, 1, 2, 63, 64, 65, 127, 0x8000_0000, 0xffff_ffff);
  const step = fc.record({ low: half, high: half });
  const run = (steps: readonly { readonly low: number; readonly high: number }[]): void => {
    const rows = new HashRows();
    const naive = new Map<string, number>();
    let fresh = 0;
    for (const { low, high } of steps) {
      const key = `${low} ${high}`;
      const known = naive.get(key);
      expect(rows.find(low, high)).toBe(known ?? -1);
      if (known === undefined) {
        naive.set(key, fresh);
        rows.add(fresh++, low, high);
      } else {
        naive.delete(key);
        rows.delete(known);
      }
    }
    for (const [key, row] of naive) {
      const [low, high] = key.split(' ').map(Number);
      expect(rows.find(low!, high!)).toBe(row);
    }
  };
  fc.assert(fc.property(fc.array(step, { maxLength: 300 }), run), { seed: PROPERTY_SEED });
});

test('a table that grows keeps its rows', () => {
  const rows = new HashRows();
  for (let row = 0; row < 1_000; row++) rows.add(row, row << 4, row);
  for (let row = 0; row < 1_000; row += 2) rows.delete(row);
  for (let row = 0; row < 1_000; row++)
    expect(rows.find(row << 4, row)).toBe(row % 2 === 0 ? -1 : row);
});
