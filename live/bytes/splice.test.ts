import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonObject } from './json-object.ts';
import { editObject, type JsonEdits, replaceParts } from './splice.ts';

const edit = (text: string, edits: JsonEdits): string =>
  editObject(new JsonObject(Buffer.from(text)), edits).toString();

test.each([
  ['{"a":1, "b":2, "c":3}', { b: undefined }, '{"a":1, "c":3}'],
  ['{"a":1, "b":2}', { a: undefined }, '{"b":2}'],
  ['{"a":1, "b":2}', { b: undefined }, '{"a":1}'],
  ['{ "a":1 }', { a: undefined }, '{}'],
  ['{ "a" : 1 , "b":2 }', { a: '[7]' }, '{ "a" : [7] , "b":2 }'],
  ['{"a":1}', { n: '"x"' }, '{"a":1,"n":"x"}'],
  ['{}', { n: '0' }, '{"n":0}'],
  ['{"a":1}', { a: undefined, n: '0' }, '{"n":0}'],
  ['{"a":1,"b":2,"a":3}', { a: '4' }, '{"b":2,"a":4}'],
  ['{"a":1,"b":2,"a":3}', { a: undefined }, '{"b":2}'],
  ['{"toString":1,"b":2}', { b: '3' }, '{"toString":1,"b":3}'],
  ['{"a":9007199254740993,"b":2}', { b: '3' }, '{"a":9007199254740993,"b":3}'],
] as const)('%s with %j', (text, edits, expected) => {
  expect(edit(text, edits)).toBe(expected);
});

test('an edited text parses to the edited object, and no edit changes no byte', () => {
  const objects = fc.dictionary(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.jsonValue({ maxDepth: 2 }),
    {
      maxKeys: 6,
    },
  );
  const changes = fc.dictionary(
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
    {
      maxKeys: 4,
      noNullPrototype: true,
    },
  );
  fc.assert(
    fc.property(objects, changes, fc.constantFrom('', ' ', '\n  '), (object, change, space) => {
      const text = JSON.stringify(object, undefined, space);
      expect(edit(text, {})).toBe(text);
      const keys = Object.keys(change).filter((key) => key !== '__proto__');
      const edits = Object.fromEntries(
        keys.map((key) => [
          key,
          change[key] === undefined ? undefined : JSON.stringify(change[key]),
        ]),
      );
      const expected = new Map(Object.entries(JSON.parse(text) as object));
      for (const key of keys) {
        if (edits[key] === undefined) expected.delete(key);
        else expected.set(key, JSON.parse(edits[key]));
      }
      const edited = JSON.parse(edit(text, edits)) as object;
      expect(new Map(Object.entries(edited))).toEqual(expected);
    }),
  );
});

test('parts of a text are replaced where they stand', () => {
  const edits = [
    { from: 1, to: 2, by: 'XX' },
    { from: 3, to: 3, by: Buffer.from('-') },
  ];
  expect(replaceParts(Buffer.from('abcd'), edits).toString()).toBe('aXXc-d');
});
