import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeFilesAtomically } from './atomic-files.ts';
import { checkOutputFolder } from './output-folder.ts';

const NAMES = ['config.yaml', 'report.json', 'report.md', 'requests.jsonl'];
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windtunnel-output-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function fill(names: readonly string[], report = '{"config_sha256":"0"}'): void {
  for (const name of names) writeFileSync(join(folder, name), report);
}

test('a whole earlier result is replaced with --overwrite only', () => {
  fill(NAMES);
  expect(() => checkOutputFolder(folder, false, undefined)).toThrow('there is a report already');
  expect(() => checkOutputFolder(folder, true, undefined)).not.toThrow();
});

test.each(NAMES)('a %s that is no result is never replaced', (name) => {
  fill([name]);
  expect(() => checkOutputFolder(folder, false, undefined)).toThrow(name);
  expect(() => checkOutputFolder(folder, true, undefined)).toThrow('which is no result');
});

test('a foreign report.json makes all four foreign', () => {
  fill(NAMES, '{"mine": true}');
  expect(() => checkOutputFolder(folder, true, undefined)).toThrow('which is no result');
});

test('the config of the run is never replaced', () => {
  fill(NAMES);
  const config = join(folder, '.', 'config.yaml');
  expect(() => checkOutputFolder(folder, true, config)).toThrow('the config of this run');
});

test('an empty name is refused', () => {
  expect(() => checkOutputFolder('', false, undefined)).toThrow('--output-dir: the name');
});

test('a failure leaves neither files nor folders', () => {
  const inner = join(folder, 'new', 'out');
  const failing = function* (): Generator<string> {
    yield 'half';
    throw new Error('disk full');
  };
  const files = [
    { path: join(inner, 'a'), content: 'whole' },
    { path: join(inner, 'b'), content: failing() },
  ];
  expect(() => writeFilesAtomically(files)).toThrow(/b: cannot be written: disk full/);
  expect(readdirSync(folder)).toEqual([]);
});

test('a rename that fails takes back the files before it', () => {
  mkdirSync(join(folder, 'b'));
  const files = ['a', 'b'].map((name) => ({ path: join(folder, name), content: 'x' }));
  expect(() => writeFilesAtomically(files)).toThrow('cannot be written');
  expect(readdirSync(folder)).toEqual(['b']);
});

test.runIf(existsSync('/proc/self'))('a folder that the system cannot make is said at once', () => {
  const files = [{ path: '/proc/windtunnel/out/a', content: 'x' }];
  expect(() => writeFilesAtomically(files)).toThrow('cannot be written');
});
