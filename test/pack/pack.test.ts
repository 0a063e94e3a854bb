import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { REPOSITORY_ROOT } from '../architecture/repository.ts';
import { writeTinyTokenizer } from '../support/tiny-tokenizer.ts';
import { startProgram } from './running-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-pack-'));
const installed = join(folder, 'node_modules', 'llm-windtunnel');

function npm(cwd: string, ...args: readonly string[]): string {
  return execFileSync('npm', [...args, '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** The installed program on this very Node, from the empty folder, with nothing of ours around it. */
function windtunnel(...args: readonly string[]) {
  const script = join(installed, 'dist', 'windtunnel.js');
  const env = { PATH: process.env.PATH ?? '', NO_COLOR: '1' };
  return spawnSync(process.execPath, [script, ...args], { cwd: folder, encoding: 'utf8', env });
}

beforeAll(() => {
  npm(REPOSITORY_ROOT, 'pack', '--pack-destination', folder);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true }\n');
  npm(folder, 'install', `./${tarball}`, '--prefer-offline', '--no-audit', '--no-fund');
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('the package holds the program, its schema and samples, and no TypeScript', () => {
  const files = readdirSync(installed, { recursive: true, encoding: 'utf8' });
  expect(files).toEqual(
    expect.arrayContaining([
      'LICENSE',
      'dist/config.schema.json',
      'dist/main.js',
      'dist/windtunnel.js',
    ]),
  );
  expect(files).toContain('traces/samples/mixed.jsonl.gz');
  const ours = files.filter((name) => !name.includes('node_modules'));
  expect(ours.filter((name) => /(?<!\.d)\.tsx?$/.test(name))).toEqual([]);
});

test('the binary is linked under its name, and starts on Node', () => {
  const [first = ''] = readFileSync(join(installed, 'dist', 'windtunnel.js'), 'utf8').split('\n');
  expect(first).toBe('#!/usr/bin/env node');
  expect(readdirSync(join(folder, 'node_modules', '.bin'))).toContain('windtunnel');
  const { version } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  expect(windtunnel('--version').stdout).toBe(`${version}\n`);
});

test('a Node that is too old says so, and loads nothing of the program', () => {
  const preload = join(folder, 'older.cjs');
  writeFileSync(
    preload,
    "Object.defineProperty(process, 'versions', { value: { node: '20.11.1' } });\n",
  );
  const script = join(installed, 'dist', 'windtunnel.js');
  const run = spawnSync(process.execPath, ['--require', preload, script, '--version'], {
    encoding: 'utf8',
  });
  expect([run.status, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toMatch(/^error: windtunnel needs Node 24 or newer, this is Node 20\.11\.1;/);
  expect(run.stderr).not.toContain('SyntaxError');
  // What any Node since 12.17 can parse: no static import, nothing newer than ES2019.
  const source = readFileSync(script, 'utf8');
  expect(source).not.toMatch(/^import |\bfrom '|\?\.|\?\?/m);
});

test('it inspects a trace', () => {
  const sample = join(installed, 'traces', 'samples', 'mixed.jsonl.gz');
  const { status, stdout, stderr } = windtunnel('trace', 'inspect', sample, '--format', 'json');
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toHaveProperty('infinite_cache.total_blocks');
});

test('it flies a trace, and gives the same report twice', () => {
  const sample = join(installed, 'traces', 'samples', 'chat.jsonl.gz');
  const args = ['replay', sample, '--format', 'json', '--canonical', '--seed', '7'];
  const first = windtunnel(...args);
  expect([first.status, first.stderr]).toEqual([0, '']);
  const { summary, seed } = JSON.parse(first.stdout);
  expect(summary.completed).toBe(summary.requests);
  expect(summary.requests).toBeGreaterThan(0);
  expect(seed).toBe(7);
  expect(windtunnel(...args).stdout).toBe(first.stdout);
});

test('it writes a journal in a thread of its own, and flies it again', () => {
  const sample = join(installed, 'traces', 'samples', 'chat.jsonl.gz');
  const journal = join(folder, 'run.journal.jsonl.gz');
  const flight = ['replay', sample, '--num-requests', '100', '--quiet', '--journal', journal];
  expect(windtunnel(...flight).stderr).toBe('');
  const { status, stdout } = windtunnel('journal', 'verify', journal, '--format', 'json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ identical: true, whole: true, decisions: 100 });
});

test('a policy file type-checks against the package, and flies', () => {
  const example = join(
    REPOSITORY_ROOT,
    'ui',
    'cli',
    'policy',
    'examples',
    'prefix-then-prefill.ts',
  );
  copyFileSync(example, join(folder, 'my-router.ts'));
  const options = ['--strict', '--noEmit', '--module', 'nodenext', '--target', 'es2024'];
  const tsc = join(REPOSITORY_ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  const check = (file: string) =>
    spawnSync(process.execPath, [tsc, ...options, file], { cwd: folder, encoding: 'utf8' });
  expect(check('my-router.ts')).toMatchObject({ status: 0, stdout: '' });
  writeFileSync(
    join(folder, 'wrong.ts'),
    "import { defineSelection } from 'llm-windtunnel/policy';\n" +
      "export const selection = defineSelection({ scorers: [{ score: () => 'high' }] });\n",
  );
  expect(check('wrong.ts').stdout).toContain("Type 'string' is not assignable to type 'number'");
  const sample = join(installed, 'traces', 'samples', 'chat.jsonl.gz');
  const flight = ['replay', sample, '--num-requests', '100', '--quiet', '--format', 'json'];
  const { status, stdout, stderr } = windtunnel(...flight, '--policy', './my-router.ts');
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout).config.router.mode).toBe('policy');
});

test('it compares two routers', () => {
  const sample = join(installed, 'traces', 'samples', 'chat.jsonl.gz');
  const vary = ['--vary', 'router.mode=round_robin,kv_router', '--seeds', '2'];
  const { status, stdout, stderr } = windtunnel('compare', sample, ...vary, '--format', 'json');
  expect([status, stderr]).toEqual([0, '']);
  expect(JSON.parse(stdout)).toBeTypeOf('object');
});

test('it serves before an engine of its own, with its threads and sockets, and ends by itself', async () => {
  const script = join(installed, 'dist', 'windtunnel.js');
  const mock = await startProgram(folder, script, 'mock-engine', '--port', '0', '--speed', '50');
  const url = /http:\S+/.exec(mock.firstLine)![0];
  const config = {
    http: { port: 0 },
    engines: [{ name: 'a', url }],
    tokenizer: { path: writeTinyTokenizer().folder },
    journal: { path: 'serve.journal.jsonl' },
  };
  writeFileSync(join(folder, 'serve.yaml'), JSON.stringify(config));
  const router = await startProgram(folder, script, 'serve', '--config', 'serve.yaml');
  const answer = await fetch(`${router.firstLine.split(' ')[0]}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny', prompt: 'hello world', max_tokens: 3 }),
  });
  expect([answer.status, await answer.json()]).toMatchObject([
    200,
    { usage: { completion_tokens: 3 } },
  ]);
  expect((await router.stop()).code).toBe(0);
  expect((await mock.stop()).code).toBe(0);
  const verified = windtunnel('journal', 'verify', 'serve.journal.jsonl', '--format', 'json');
  expect(JSON.parse(verified.stdout)).toMatchObject({ identical: true, decisions: 1 });
});

test('it writes a config that it accepts', () => {
  expect(windtunnel('config', 'init', 'run.yaml').status).toBe(0);
  expect(windtunnel('config', 'validate', 'run.yaml').status).toBe(0);
});

test('the benches stay in the repository, and it says so', () => {
  const { status, stderr } = windtunnel('bench', 'replay');
  expect(status).toBe(2);
  expect(stderr).toContain('clone the repository');
});
