import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonObject } from './json-object.ts';
import { JsonFault, MAX_DEPTH, skipSpace, skipValue } from './json-scan.ts';

/** JSON text of a value with white space of every kind strewn between its parts. */
const spacedJson = fc
  .tuple(fc.jsonValue(), fc.constantFrom('', ' ', '\n\t', '\r\n '))
  .map(([value, space]) => JSON.stringify(value, undefined, space));

/** Whether the scanner takes the text, and the whole of it. */
function scans(text: string): boolean {
  const bytes = Buffer.from(text);
  try {
    const to = skipValue(bytes, skipSpace(bytes, 0));
    return skipSpace(bytes, to) === bytes.length;
  } catch (error) {
    if (error instanceof JsonFault) return false;
    throw error;
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test('the scanner takes every text that JSON.parse takes', () => {
  fc.assert(fc.property(spacedJson, (text) => void expect(scans(text)).toBe(true)));
});

test('the scanner and JSON.parse refuse the same broken texts', () => {
  const broken = fc
    .tuple(spacedJson, fc.nat(), fc.nat(3), fc.constantFrom(...'{}[]",:\\-+.eE0159tfn \u0001é'))
    .map(([text, where, cut, by]) => {
      const at = where % (text.length + 1);
      return text.slice(0, at) + by + text.slice(at + cut);
    });
  fc.assert(
    fc.property(broken, (text) => void expect(scans(text)).toBe(parses(text))),
    { numRuns: 2_000 },
  );
});

test.each([
  '01',
  '-',
  '1.',
  '.5',
  '1e',
  '+1',
  'tru',
  'nul',
  '"\\x"',
  '"\\u12g4"',
  '"\t"',
  '[1,]',
  '{"a":1,}',
  '{a:1}',
  '[1 2]',
  '',
  '\ufeff{}',
])('refused as by JSON.parse: %j', (text) => {
  expect(parses(text)).toBe(false);
  expect(scans(text)).toBe(false);
});

test('nesting is bounded, and refused with its place', () => {
  expect(scans('['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH))).toBe(true);
  expect(() => skipValue(Buffer.from('['.repeat(MAX_DEPTH + 1)), 0)).toThrow(
    /512 levels at byte 512/,
  );
});

const anyObject = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { maxKeys: 8 });

test('every key of an object is found with the value that JSON.parse finds', () => {
  fc.assert(
    fc.property(anyObject, fc.constantFrom('', '  '), (value, space) => {
      const text = JSON.stringify(value, undefined, space);
      const object = new JsonObject(Buffer.from(text));
      const parsed = JSON.parse(text) as Record<string, unknown>;
      expect(new Set(object.entries.map(({ key }) => key))).toEqual(new Set(Object.keys(parsed)));
      for (const key of Object.keys(parsed)) expect(object.value(key)).toEqual(parsed[key]);
    }),
  );
});

test('of a key written twice the last counts, and integers beyond 2^53 keep their digits', () => {
  const object = new JsonObject(Buffer.from(' {"a":1, "\\u0061" : 9007199254740993 } '));
  expect(object.raw('a')?.toString()).toBe('9007199254740993');
  expect(object.kind('a')).toBe('number');
  expect(object.entries).toHaveLength(2);
});

test('objects inside are reached without parsing them', () => {
  const object = new JsonObject(Buffer.from('{"x":{"y":[1]},"list":[1,{"z":2},"s",{"z":3}]}'));
  expect(object.object('x')?.raw('y')?.toString()).toBe('[1]');
  expect(object.objects('list').map((inner) => inner.value('z'))).toEqual([2, 3]);
  expect(object.object('list')).toBeUndefined();
});

test.each([
  ['[1]', 'no JSON object at byte 0'],
  ['{"a":1} x', 'something behind the object at byte 8'],
  ['{"a" 1}', "'1', where ':' belongs, at byte 5"],
  ['{"model": "tiny", "prompt": [1, 2', "the end of the text, where ',' or ']' belongs at byte 33"],
])('a fault tells what and where: %s', (text, message) => {
  expect(() => new JsonObject(Buffer.from(text))).toThrow(message);
});
