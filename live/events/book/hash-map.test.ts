import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { check } from '#test/property/check.ts';
import { HashMap } from './hash-map.ts';

const key = fc.oneof(fc.bigInt(0n, 40n), fc.bigInt(0n, 2n ** 64n - 1n));
const step = fc.tuple(fc.constantFrom('set', 'set', 'delete', 'clear'), key, fc.nat(1000));

test('it does what a map does', () => {
  check(fc.array(step, { maxLength: 600, size: 'max' }), 8, (steps) => {
    const map = new HashMap();
    const naive = new Map<bigint, number>();
    for (const [what, at, value] of steps) {
      if (what === 'set') {
        map.set(at, value);
        naive.set(at, value);
      } else if (what === 'delete' && naive.delete(at)) {
        map.delete(at);
      } else if (what === 'clear' && value > 995) {
        map.clear();
        naive.clear();
      }
      expect([map.size, map.get(at)]).toEqual([naive.size, naive.get(at) ?? -1]);
    }
    expect([...map.values()].sort()).toEqual([...naive.values()].sort());
    for (const [at, value] of naive) expect(map.get(at)).toBe(value);
  });
});
