import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stdout } from 'node:process';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createProgram } from '../program.ts';
import { readServeConfig } from '../serve-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-serve-verb-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

/** What a command prints. */
async function run(...args: readonly string[]): Promise<string> {
  const written: string[] = [];
  vi.spyOn(stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  await createProgram().parseAsync(args, { from: 'user' });
  return written.join('');
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const A = 'engines: [{name: a, url: "http://127.0.0.1:1"}]\n';

test.each([
  [[], '--config: there is no config; name a file'],
  [['--config', join(folder, 'absent.yaml')], 'absent.yaml: cannot be read: there is no such file'],
  [['--config', file('a.yaml', `${A}rooter: {}\n`)], 'a.yaml:2: rooter: unknown key'],
  [
    ['--config', file('b.yaml', A), '--set', 'http.prot=1'],
    /http\.prot: unknown key; .*did you mean "(http\.)?port"/,
  ],
  [
    ['--config', file('c.yaml', `${A}router: {mode: policy}\n`)],
    'router.mode: impossible: there is no policy file',
  ],
])('serve %j is refused', async (args, problem) => {
  await expect(run('serve', ...args)).rejects.toThrow(problem);
});

test('the schema of serve.yaml is JSON Schema, with every section', async () => {
  const schema = JSON.parse(await run('serve', '--schema')) as { properties: object };
  const sections = ['http', 'engines', 'router', 'journal'];
  expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(sections));
});

test('the sample config is one, and paths of the command line start here', () => {
  const sample = join(import.meta.dirname, '..', '..', '..', 'live', 'serve', 'two-mocks.yaml');
  const set = { path: 'journal.path', value: 'run.journal.jsonl' };
  const { options, folder: beside } = readServeConfig(sample, [set]);
  expect(options.config.engines.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(options.config.journal?.path).toBe(join(process.cwd(), 'run.journal.jsonl'));
  expect(beside).toBe(dirname(sample));
});

test('status says who does not answer, and who is no router', async () => {
  await expect(run('status', '--url', 'http://127.0.0.1:1')).rejects.toMatchObject({
    message: 'http://127.0.0.1:1: nobody answers (ECONNREFUSED); is it running?',
    exitCode: 1,
  });
  await expect(run('status', '--url', 'nonsense')).rejects.toThrow('--url: not a URL');
  await expect(run('status', '--url', 'ftp://h:1')).rejects.toThrow('--url: not a URL');
  const server = createServer((_, response) => response.end('hello')).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await expect(run('status', '--url', `http://127.0.0.1:${port}`)).rejects.toThrow(
    'no router of Windtunnel answers there (HTTP 200)',
  );
  server.close();
});
