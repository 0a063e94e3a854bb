import { expect, test } from 'vitest';
import { openStream } from '#core/base/random.ts';
import { drawLength, lengthsAt, parseLengths } from './lengths.ts';
import { tarOf } from './tar.fixture.ts';
import { tarEntries } from './tar.ts';

const TEXT = JSON.stringify({
  '0': { input_tokens: '{}', output_tokens: '{}' },
  '43200': { input_tokens: '{5: 0.5, 9: 0.5}', output_tokens: '{1: 1.0}' },
  '21600': { input_tokens: '{7: 2e-1, 8: 0.6}', output_tokens: '{0: 1.0}' },
});

test('tables are read by window, empty ones left out, and drawn from by their shares', () => {
  const windows = parseLengths(TEXT, 'f');
  expect(windows.map(({ startS }) => startS)).toEqual([21_600, 43_200]);
  expect(windows[0]!.input).toEqual({ tokens: [7, 8], upTo: [0.25, 1] });
  const random = openStream(1, 'lengths');
  const drawn = Array.from({ length: 4_000 }, () => drawLength(windows[0]!.input, random));
  expect(drawn.filter((tokens) => tokens === 7).length / 4_000).toBeCloseTo(0.25, 1);
  expect(new Set(drawn)).toEqual(new Set([7, 8]));
  expect([0, 21_600, 43_199, 50_000].map((atS) => lengthsAt(windows, atS)!.startS)).toEqual([
    21_600, 21_600, 21_600, 43_200,
  ]);
});

test.each([
  ['{"0": 3}', 'f: 0: not a window'],
  ['{"x": {}}', 'f: x: not a window'],
  ['{"0": {"input_tokens": [1]}}', 'f: 0.input_tokens: not a table of lengths'],
  [
    '{"0": {"input_tokens": "{5: 1}", "output_tokens": "{a: 1}"}}',
    'f: 0.output_tokens: not a length and its share; received "a: 1"',
  ],
  ['[', 'f: not a JSON object of length windows'],
])('refuses %s', (text, message) => {
  expect(() => parseLengths(text, 'f')).toThrow(message);
});

test('a tar archive gives its files, and a torn one is refused', () => {
  const bytes = tarOf([
    ['a/x.csv', '1,2\n'],
    ['b.json', 'x'.repeat(700)],
  ]);
  const entries = tarEntries(bytes, 't.tar').map(({ name, bytes: content }) => [
    name,
    content.length,
  ]);
  expect(entries).toEqual([
    ['a/x.csv', 4],
    ['b.json', 700],
  ]);
  expect(() => tarEntries(bytes.subarray(0, 1_800), 't.tar')).toThrow('not a whole tar archive');
  expect(() => tarEntries(new TextEncoder().encode('x'.repeat(600)), 't.tar')).toThrow(
    't.tar: not a whole tar archive',
  );
});
