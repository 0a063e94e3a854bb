import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { stderr, stdout } from 'node:process';
import { Command } from 'commander';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { tarOf } from '#traces/formats/servegen/tar.fixture.ts';
import { register as registerGenerate } from './trace-generate.ts';
import { register as registerInspect } from './trace-inspect.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-verbs-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

const SAMPLE = resolve(import.meta.dirname, '..', '..', '..', 'traces', 'samples', 'chat.jsonl.gz');

/** Runs `windtunnel trace …` and returns what it wrote. */
async function run(...args: readonly string[]): Promise<{ out: string; err: string }> {
  const written = { out: '', err: '' };
  vi.spyOn(stdout, 'write').mockImplementation((text) => {
    written.out += text;
    return true;
  });
  vi.spyOn(stderr, 'write').mockImplementation((text) => {
    written.err += text;
    return true;
  });
  const trace = new Command('trace')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  registerInspect(trace);
  registerGenerate(trace);
  await trace.parseAsync(args, { from: 'user' });
  return written;
}

test('inspect prints JSON and nothing else', async () => {
  const { out, err } = await run('inspect', SAMPLE, '--format', 'json');
  expect(err).toBe('');
  expect(JSON.parse(out).infinite_cache).toMatchObject({
    hit_blocks: 23_728,
    total_blocks: 32_472,
  });
});

test('inspect shows a table, and the same in Markdown', async () => {
  const table = (await run('inspect', SAMPLE)).out;
  expect(table).toContain('Infinite-cache ceiling (blocks of 512 tokens)');
  expect(table).toMatch(/blocks +23,728 +32,472 +73\.07 %/);
  const markdown = (await run('inspect', SAMPLE, '--format', 'md')).out;
  expect(markdown).toContain('| blocks | 23,728 | 32,472 | 73.07 % |');
});

test('generate writes a file once, and inspect reads it', async () => {
  const path = join(folder, 'mine.jsonl.gz');
  const args = ['generate', 'agents', '--requests', '60', '--seed', '7', '-o', path];
  expect(await run(...args)).toEqual({
    out: '',
    err: `wrote 60 requests; windtunnel trace inspect ${path}\n`,
  });
  await expect(run(...args)).rejects.toMatchObject({ code: 'output_unwritable', exitCode: 2 });
  await run(...args, '--force');
  const { out } = await run('inspect', path, '--format', 'json', '--limit', '25');
  expect(JSON.parse(out).trace.requests).toBe(25);
});

test('a fit is written, says how close it is, and generates again', async () => {
  const fit = join(folder, 'fit.json');
  const like = join(folder, 'like.jsonl.gz');
  const made = await run('generate', '--fit', SAMPLE, '-o', fit);
  const again = await run('generate', fit, '--requests', '900', '--seed', '7', '-o', like);
  const text = `${made.err}---\n${again.err}`.replaceAll(`${folder}/`, '');
  await expect(text).toMatchFileSnapshot('../../../test/golden/trace/fit.txt');
  const { out } = await run('inspect', like, '--format', 'json');
  expect(JSON.parse(out).trace.requests).toBe(900);
});

test('servegen makes a trace of the clients of two archives', async () => {
  const rates = join(folder, 'rates.tar');
  const lengths = join(folder, 'lengths.tar');
  const table = { input_tokens: '{9: 0.5, 40: 0.5}', output_tokens: '{3: 1.0}' };
  const window = '0,0.5,1,Gamma,1,2\n600,1,2,Weibull,0.6,1\n';
  writeFileSync(
    rates,
    tarOf([
      ['m/chunk-0-trace.csv', window],
      ['m/chunk-1-trace.csv', window],
      ['other/chunk-0-trace.csv', 'never read'],
    ]),
  );
  writeFileSync(lengths, tarOf([['m/chunk-0-dataset.json', JSON.stringify({ '0': table })]]));
  const archives = ['--rates', rates, '--lengths', lengths];
  const { out, err } = await run(
    'generate',
    'servegen',
    ...archives,
    '--from',
    '595',
    '--to',
    '605',
  );
  await expect(`${out}---\n${err}`).toMatchFileSnapshot('../../../test/golden/trace/servegen.txt');
  await expect(
    run('generate', 'servegen', ...archives, '--from', '5', '--to', '5'),
  ).rejects.toThrow('--to: the span is empty');
  await expect(run('generate', 'servegen', ...archives, '--from', '5000')).rejects.toThrow(
    'no request was recorded in this span',
  );
});

test.each([
  [['generate', 'servegen'], 'servegen needs the archives of rates and of lengths'],
  [['generate', 'chat', '--rates', 'x'], '--rates: has no effect: only servegen has it'],
  [['generate'], 'workload: no workload is named'],
  [['generate', 'chta'], 'did you mean "chat"?'],
  [['generate', 'chat', '--fit', SAMPLE], 'a workload and --fit exclude each other'],
  [['generate', '--fit', SAMPLE, '--burstiness', '2'], '--burstiness: has no effect'],
  [['generate', 'x.json', '--burstiness', '2'], '--burstiness: has no effect: the fit says it'],
  [['generate', 'chat', '--trace-format', 'azure'], '--trace-format: has no effect'],
  [['generate', join(folder, 'none.json')], 'there is no such file'],
])('refuses %j', async (args, message) => {
  await expect(run(...args)).rejects.toThrow(message);
});

test.each([
  ['--requests', '0'],
  ['--request-rate', '-1'],
  ['--seed', 'x'],
  ['--requests', '1e3'],
])('generate refuses %s %s', async (flag, value) => {
  await expect(run('generate', 'chat', flag, value)).rejects.toThrow('allowed: a');
});
