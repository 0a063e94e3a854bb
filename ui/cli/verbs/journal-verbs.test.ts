import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';
import { createProgram } from '../program.ts';

const GOLDEN = '../../../test/golden/journal';
const WRITTEN = join(import.meta.dirname, '../../../core/journal/fixtures/v1.journal.jsonl');
const bench = openJournalBench('journal');
const { at, run, journal, fleet: FLEET } = bench;

afterAll(bench.close);
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Where the requests of a journal were sent, in order. */
function targetsIn(journal: Buffer): number[] {
  const lines = journal.toString('utf8').split('\n');
  return lines.filter((line) => line.startsWith('["d"')).map((line) => JSON.parse(line)[2]);
}

test('a run writes its journal, which core alone can fly again', async () => {
  const path = await journal('run.journal.jsonl.gz');
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  expect(JSON.parse(lines[0]!)).toMatchObject({ version: 1, trace: { path: CHAT } });
  const { out, err } = await run('journal', 'verify', path);
  expect([err, process.exitCode]).toEqual(['', undefined]);
  await expect(out).toMatchFileSnapshot(`${GOLDEN}/verify.txt`);
  const json = (await run('journal', 'verify', path, '--format', 'json')).out;
  await expect(json).toMatchFileSnapshot(`${GOLDEN}/verify-json.txt`);
});

test('inspect says what a journal holds', async () => {
  const path = await journal('run.journal.jsonl.gz');
  await expect((await run('journal', 'inspect', path)).out).toMatchFileSnapshot(
    `${GOLDEN}/inspect.txt`,
  );
  const { out } = await run('journal', 'inspect', path, '--format', 'json');
  const found = JSON.parse(out);
  expect(found).toMatchObject({ decisions: 300, outcomes: { routed: 300 }, whole: true });
  expect(found.config).toMatchObject({ cluster: { workers: 4 } });
});

test('a difference is shown with both sides, and the exit code is 1', async () => {
  const text = readFileSync(WRITTEN, 'utf8').replace('["d",1,1,2,2,0,0]', '["d",1,0,2,2,0,0]');
  writeFileSync(at('changed.journal.jsonl'), text);
  const { out } = await run('journal', 'verify', at('changed.journal.jsonl'));
  expect(process.exitCode).toBe(1);
  await expect(out).toMatchFileSnapshot(`${GOLDEN}/verify-difference.txt`);
  const missing = readFileSync(WRITTEN, 'utf8').replace('["d",1,1,2,2,0,0]\n', '');
  writeFileSync(at('missing.journal.jsonl'), missing);
  const args = ['journal', 'verify', at('missing.journal.jsonl'), '--format', 'json'];
  await expect((await run(...args)).out).toMatchFileSnapshot(`${GOLDEN}/verify-missing-json.txt`);
});

test('a journal that was cut verifies up to its last whole line and says so', async () => {
  const path = await journal('run.journal.jsonl.gz');
  const bytes = readFileSync(path);
  writeFileSync(at('cut.journal.jsonl.gz'), bytes.subarray(0, Math.floor(bytes.length / 2)));
  const { out } = await run('journal', 'verify', at('cut.journal.jsonl.gz'));
  expect(process.exitCode).toBe(undefined);
  expect(out).toMatch(/^! the journal was cut: it ends with line [\d,]+, and [\d,]+ bytes of a/m);
  writeFileSync(at('cut.journal.jsonl'), readFileSync(WRITTEN).subarray(0, 900));
  const cut = (await run('journal', 'verify', at('cut.journal.jsonl'))).out;
  await expect(cut).toMatchFileSnapshot(`${GOLDEN}/verify-cut.txt`);
});

test('a journal becomes a trace whose flight makes the same decisions', async () => {
  const path = await journal('run.journal.jsonl.gz');
  const { err } = await run('journal', 'to-trace', path, '-o', at('again.jsonl.gz'));
  expect(err).toBe(
    'wrote 300 requests; windtunnel replay FOLDER/again.jsonl.gz --trace-block-size 512\n',
  );
  await run('replay', at('again.jsonl.gz'), ...FLEET, '--journal', at('again.journal.jsonl'));
  const first = targetsIn(gunzipSync(readFileSync(path)));
  expect(first).toHaveLength(300);
  expect(targetsIn(readFileSync(at('again.journal.jsonl')))).toEqual(first);
  const rows = (await run('journal', 'to-trace', WRITTEN)).out;
  await expect(rows).toMatchFileSnapshot(`${GOLDEN}/to-trace.txt`);
});

test.each([
  ['', /--journal: not the name of a file/],
  ['absent/run.journal.jsonl', /its folder is not there; make the folder first/],
  ['plain.txt', /what is there is no journal, and would be replaced/],
])('a journal cannot go to %j', async (name, message) => {
  writeFileSync(at('plain.txt'), 'mine');
  const path = name === '' ? '' : at(name);
  await expect(run('replay', CHAT, ...FLEET, '--journal', path)).rejects.toThrow(message);
  await expect(
    run('replay', CHAT, ...FLEET, '--journal', at('plain.txt'), '--overwrite'),
  ).rejects.toMatchObject({ code: 'output_unwritable', exitCode: 2 });
  expect(readFileSync(at('plain.txt'), 'utf8')).toBe('mine');
});

test('a journal is replaced when asked for', async () => {
  const path = await journal('twice.journal.jsonl.gz');
  const again = ['replay', CHAT, ...FLEET, '--journal', path];
  await expect(run(...again)).rejects.toThrow(/there is a journal already; .* add --overwrite/);
  const before = readFileSync(path);
  await run(...again, '--overwrite');
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(existsSync(`${path}.part`)).toBe(false);
});

test.runIf(existsSync('/dev/full'))('a full disk leaves no journal, and the report', async () => {
  symlinkSync('/dev/full', at('full.journal.jsonl.gz.part'));
  const written: string[] = [];
  vi.spyOn(stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  const args = ['replay', CHAT, ...FLEET, '--journal', at('full.journal.jsonl.gz')];
  await expect(createProgram().parseAsync(args, { from: 'user' })).rejects.toMatchObject({
    code: 'output_unwritable',
    exitCode: 1,
    message: expect.stringMatching(/full\.journal\.jsonl\.gz: cannot be written: ENOSPC/),
  });
  expect(written.join('')).toContain('TTFT');
  expect(existsSync(at('full.journal.jsonl.gz'))).toBe(false);
});

test.each([
  ['absent.journal.jsonl', '', /there is no such file; write a journal with/],
  ['empty.journal.jsonl', '', /empty\.journal\.jsonl: the file is empty/],
  ['trace.jsonl', '{"timestamp":0}\n', /trace\.jsonl:1: this is no journal; write one with/],
])('%s is refused', async (name, content, message) => {
  if (!name.startsWith('absent')) writeFileSync(at(name), content);
  for (const verb of ['verify', 'inspect', 'to-trace']) {
    await expect(run('journal', verb, at(name))).rejects.toThrow(message);
  }
});

test('a gzip file that is damaged is refused with the line', async () => {
  const bytes = readFileSync(await journal('run.journal.jsonl.gz'));
  bytes[bytes.length - 8]! ^= 1;
  writeFileSync(at('broken.journal.jsonl.gz'), bytes);
  await expect(run('journal', 'verify', at('broken.journal.jsonl.gz'))).rejects.toThrow(
    /the gzip file is damaged after line \d+/,
  );
});
