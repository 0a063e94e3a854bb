import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES } from './lines.ts';

function split(...pieces: readonly Uint8Array[]): [text: string, line: number][] {
  const lines: [string, number][] = [];
  const splitter = new LineSplitter('t', (text, line) => lines.push([text, line]));
  for (const piece of pieces) splitter.push(piece);
  splitter.end();
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('cuts at LF and CRLF, drops a byte-order mark and blank lines at the end', () => {
  expect(split(bytes('\ufeffa\r\nb\nc\n \r\n\n'))).toEqual([
    ['a', 1],
    ['b', 2],
    ['c', 3],
  ]);
  expect(split(bytes('a\nb'))).toEqual([
    ['a', 1],
    ['b', 2],
  ]);
  expect(split(bytes(''))).toEqual([]);
});

test('names the first blank line inside, and the line that is not text', () => {
  expect(() => split(bytes('a\n\n\nb'))).toThrow('t:2: a blank line inside the trace');
  expect(() => split(bytes('a\n'), Uint8Array.of(0xff, 0x0a))).toThrow(
    't:2: the line is not UTF-8',
  );
});

test('refuses an endless line before it fills the memory', () => {
  const piece = new Uint8Array(MAX_LINE_BYTES / 4).fill(0x61);
  expect(() => split(bytes('a\n'), piece, piece, piece, piece, piece)).toThrow(
    't:2: the line is longer than 64 MiB',
  );
});

test('does not depend on where the bytes are cut', () => {
  const text = fc.array(fc.stringMatching(/^[a-zäß€]{1,6}$/), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(40), { maxLength: 6 }), (words, cuts) => {
      const whole = bytes(words.join('\n'));
      const ends = [...cuts.filter((cut) => cut < whole.length), whole.length].sort(
        (a, b) => a - b,
      );
      const pieces = ends.map((end, index) => whole.subarray(ends[index - 1] ?? 0, end));
      expect(split(...pieces)).toEqual(split(whole));
      expect(split(whole).map(([line]) => line)).toEqual(words);
    }),
  );
});
