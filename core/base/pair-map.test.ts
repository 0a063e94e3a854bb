import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PairMap } from './pair-map.ts';

test('keeps pairs apart, replaces, deletes and clears', () => {
  const map = new PairMap();
  map.set(1, 2, 10);
  map.set(2, 1, 20);
  map.set(1, 2, 11);
  expect([map.get(1, 2), map.get(2, 1), map.get(1, 1), map.size]).toEqual([11, 20, -1, 2]);
  expect([map.delete(1, 2), map.delete(1, 2), map.get(1, 2), map.size]).toEqual([
    true,
    false,
    -1,
    1,
  ]);
  map.clear();
  expect([map.get(2, 1), map.size]).toEqual([-1, 0]);
});

test('the second key is an unsigned 32-bit number, the first reaches 2³¹ − 1', () => {
  const map = new PairMap();
  map.set(0, 0xffffffff, 1);
  map.set(0x7fffffff, 0x80000000, 2);
  expect([map.get(0, 0xffffffff), map.get(0x7fffffff, 0x80000000)]).toEqual([1, 2]);
  expect(map.get(0, 0x7fffffff)).toBe(-1);
});

test('slots come in powers of two', () => {
  expect(() => new PairMap(48)).toThrow('power of two');
});

/** Few keys in few slots, so that runs of probing form, wrap around the end and are broken again. */
const key = fc.tuple(
  fc.nat({ max: 5 }),
  fc.constantFrom(0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff),
);
const step = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), key, value: fc.nat() }),
  fc.record({ kind: fc.constant('delete' as const), key }),
  fc.record({ kind: fc.constant('clear' as const) }),
);

test('agrees with a Map of strings over any history', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const map = new PairMap(4);
      const model = new Map<string, number>();
      const touched = new Map<string, readonly [number, number]>();
      for (const next of steps) {
        if (next.kind === 'clear') {
          map.clear();
          model.clear();
          continue;
        }
        const [a, b] = next.key;
        const name = `${a},${b}`;
        touched.set(name, next.key);
        if (next.kind === 'set') {
          map.set(a, b, next.value);
          model.set(name, next.value);
        } else {
          expect(map.delete(a, b)).toBe(model.delete(name));
        }
        expect(map.size).toBe(model.size);
      }
      for (const [name, [a, b]] of touched) expect(map.get(a, b)).toBe(model.get(name) ?? -1);
    }),
  );
});

test('holds a hundred thousand pairs and gives every one back', () => {
  const map = new PairMap();
  for (let index = 0; index < 100_000; index++) map.set(index % 317, index, index);
  expect(map.size).toBe(100_000);
  for (let index = 0; index < 100_000; index += 2) map.delete(index % 317, index);
  let wrong = 0;
  for (let index = 0; index < 100_000; index++) {
    if (map.get(index % 317, index) !== (index % 2 === 0 ? -1 : index)) wrong++;
  }
  expect(wrong).toBe(0);
});
