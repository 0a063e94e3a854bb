import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { readTextLines } from './text-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-lines-'));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('lines keep their numbers, blank ones are left out, zipped or not', () => {
  const lines = [
    { text: 'a', line: 1 },
    { text: 'b', line: 3 },
  ];
  expect(readTextLines(file('plain', 'a\n\nb\n'))).toEqual(lines);
  expect(readTextLines(file('zipped', gzipSync('a\n \nb')))).toEqual(lines);
});

test.each([
  ['a file that is not there', () => join(folder, 'none'), 'cannot be read: there is no such file'],
  ['a folder', () => folder, 'cannot be read: it is a directory'],
  ['a file without a line', () => file('empty', '\n\n'), 'the file is empty'],
  ['a broken archive', () => file('cut', gzipSync('abc').subarray(0, 12)), 'cannot be read: '],
])('%s is said with its name', (_, path, problem) => {
  expect(() => readTextLines(path())).toThrow(`${path()}: ${problem}`);
});
