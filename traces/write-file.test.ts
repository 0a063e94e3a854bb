import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { InputError } from '#core/base/errors.ts';
import { writeTraceFile } from './write-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('writes plain or gzip by name; the gzip header carries no time', async () => {
  await writeTraceFile(join(folder, 'a.jsonl'), ['x\n', 'y\n'], false);
  await writeTraceFile(join(folder, 'a.jsonl.gz'), ['x\n', 'y\n'], false);
  const zipped = readFileSync(join(folder, 'a.jsonl.gz'));
  expect(readFileSync(join(folder, 'a.jsonl'), 'utf8')).toBe('x\ny\n');
  expect(gunzipSync(zipped).toString()).toBe('x\ny\n');
  expect([...zipped.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
});

test('replaces a file only when told to', async () => {
  const path = join(folder, 'b');
  await writeTraceFile(path, ['1'], false);
  await expect(writeTraceFile(path, ['2'], false)).rejects.toThrow('add --force to replace it');
  expect(readFileSync(path, 'utf8')).toBe('1');
  await writeTraceFile(path, ['2'], true);
  expect(readFileSync(path, 'utf8')).toBe('2');
  await expect(writeTraceFile(folder, ['2'], true)).rejects.toThrow('not a regular file');
});

test('leaves nothing half-written', async () => {
  function* failing(): Generator<string> {
    yield 'x\n';
    throw new Error('the generator broke');
  }
  await expect(writeTraceFile(join(folder, 'c'), failing(), false)).rejects.toThrow('broke');
  expect(existsSync(join(folder, 'c'))).toBe(false);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
  const refusing = async function* (): AsyncGenerator<string> {
    yield 'x\n';
    throw new InputError('trace_invalid', 'row 2 is bad');
  };
  await expect(writeTraceFile(join(folder, 'c'), refusing(), false)).rejects.toThrow(
    'row 2 is bad',
  );
  await expect(writeTraceFile(join(folder, 'no', 'd'), ['x'], false)).rejects.toThrow('(ENOENT)');
});
