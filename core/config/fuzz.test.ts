import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { configKeys } from './keys.ts';
import { resolveConfig } from './resolve.ts';
import { parseSetOption } from './set-option.ts';
import { parseConfigText } from './source.ts';
import { configTemplate } from './template.ts';

/** Runs what may only succeed or refuse its input in our own words. */
function mayOnlyRefuse(action: () => void): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message.length).toBeGreaterThan(10);
  }
}

test('no text makes the parser crash', () => {
  const template = configTemplate('./schema.json');
  const damaged = fc
    .tuple(fc.nat(template.length), fc.nat(40), fc.string())
    .map(([at, cut, junk]) => template.slice(0, at) + junk + template.slice(at + cut));
  fc.assert(
    fc.property(fc.oneof(fc.string(), damaged), (text) => {
      mayOnlyRefuse(() => {
        const { value, place } = parseConfigText(text, 'fuzz.yaml');
        resolveConfig(value, [], place);
      });
    }),
    { numRuns: 60 },
  );
});

test('no value at any key makes the resolver crash', () => {
  const path = fc.oneof(fc.string(), fc.constantFrom(...configKeys().map((key) => key.path)));
  fc.assert(
    fc.property(path, fc.jsonValue(), fc.jsonValue(), (key, item, base) => {
      mayOnlyRefuse(() => resolveConfig({}, [{ path: key, value: item }]));
      mayOnlyRefuse(() => resolveConfig(base, [parseSetOption(`${key}=${JSON.stringify(item)}`)]));
    }),
    { numRuns: 200 },
  );
});
