import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test('keys are sorted by code unit at every level, integer-like keys too', () => {
  const value = { b: 1, a: { '10': 'x', '9': 'y', Z: [] }, ä: {} };
  expect(canonicalJson(value)).toBe('{"a":{"10":"x","9":"y","Z":[]},"b":1,"ä":{}}');
});

test('minus zero is zero and undefined keys are left out', () => {
  expect(canonicalJson({ zero: -0, none: undefined, list: [-0, null] })).toBe(
    '{"list":[0,null],"zero":0}',
  );
});

test('an indent of 2 is for people', () => {
  expect(canonicalJson({ b: [1, 2], a: {} }, 2)).toBe(
    '{\n  "a": {},\n  "b": [\n    1,\n    2\n  ]\n}',
  );
});

test.each([
  [Number.NaN],
  [Number.POSITIVE_INFINITY],
  [{ deep: [Number.NEGATIVE_INFINITY] }],
  [[undefined]],
  [1n],
  [new Map([['a', 1]])],
  [new Float64Array(2)],
])('refuses what JSON has no word for: %s', (value) => {
  expect(() => canonicalJson(value)).toThrow('JSON has no');
});

test('reads back as the same value, whatever the order its keys were written in', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(JSON.parse(canonicalJson(value, 2)))).toBe(text);
    }),
  );
});
