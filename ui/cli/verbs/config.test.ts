import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { resolveConfig } from '#core/config/resolve.ts';
import { readServeConfig } from '../serve-config.ts';
import { register as registerDiff } from './config-diff.ts';
import { register as registerExpand } from './config-expand.ts';
import { register as registerInit } from './config-init.ts';
import { register as registerValidate } from './config-validate.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'windtunnel-config-'));
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Runs one command line in this process and returns what it wrote to stdout. */
async function run(...args: readonly string[]): Promise<string> {
  const program = new Command('windtunnel').exitOverride();
  for (const register of [registerInit, registerValidate, registerExpand, registerDiff]) {
    register(program);
  }
  let text = '';
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const spy = vi.spyOn(stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  await program.parseAsync(args, { from: 'user' });
  spy.mockRestore();
  return text;
}

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

test('init writes a file that validates and the schema that its first line names', async () => {
  const path = join(folder, 'run.yaml');
  await run('config', 'init', path);
  expect(readFileSync(path, 'utf8')).toContain('$schema=./windtunnel.schema.json');
  const schema: unknown = JSON.parse(readFileSync(join(folder, 'windtunnel.schema.json'), 'utf8'));
  expect(schema).toHaveProperty('title', 'Windtunnel config');
  expect(await run('config', 'validate', path)).toMatch(/: valid; config_sha256 [0-9a-f]{64}\n$/);
  await expect(run('config', 'init', path)).rejects.toThrow('exists already');
  await run('config', 'init', path, '--force');
});

test('init without a file prints the same config', async () => {
  expect(resolveConfig(parse(await run('config', 'init')))).toEqual(resolveConfig({}));
});

test('validate says so to scripts, and refuses what cannot be used', async () => {
  const path = file('run.yaml', 'seed: 1\n');
  const result: unknown = JSON.parse(await run('config', 'validate', path, '--format', 'json'));
  expect(result).toMatchObject({ file: path, valid: true, version: 1 });
  await expect(run('config', 'validate', path, '--set', 'seed=-1')).rejects.toThrow(
    '--set: seed: bad value; received -1',
  );
});

test.each([
  ['missing.yaml', undefined, 'cannot be read: there is no such file'],
  ['binary.yaml', new Uint8Array([1, 0, 2]), 'not a text file'],
  ['latin1.yaml', new Uint8Array([0x61, 0xff]), 'not a text file'],
  ['huge.yaml', new Uint8Array(16 * 1024 * 1024 + 1), 'too large for a config'],
])('%s is refused', async (name, content, message) => {
  const path = content === undefined ? join(folder, name) : file(name, content);
  await expect(run('config', 'validate', path)).rejects.toThrow(`${path}: ${message}`);
});

test('a device without end is refused', async () => {
  await expect(run('config', 'validate', '/dev/zero')).rejects.toThrow('too large for a config');
});

test('init makes the folder, and refuses an empty name', async () => {
  const path = join(folder, 'new', 'run.yaml');
  await run('config', 'init', path);
  expect(await run('config', 'validate', path)).toContain('valid');
  await expect(run('config', 'init', '')).rejects.toThrow('the name of the file is empty');
});

test('a directory is refused', async () => {
  await expect(run('config', 'validate', folder)).rejects.toThrow('it is a directory');
});

test('expand prints each value with its origin, and what it prints is the same config', async () => {
  const path = file('run.yaml', 'cluster: {workers: 8}\n');
  const options = ['--config', path, '--set', 'router.mode=random', '--set', 'slo.ttft_ms=500'];
  const text = await run('config', 'expand', ...options);
  expect(text).toContain('  workers: 8 # file\n');
  expect(text).toContain('  mode: random # --set\n');
  expect(text).toContain('  block_size: 64 # default\n');
  expect(text).toContain('#   router.router_temperature: only the KV router reads it\n');
  const json = JSON.parse(await run('config', 'expand', ...options, '--format', 'json')) as {
    readonly config: unknown;
    readonly origins: unknown;
  };
  expect(json.origins).toMatchObject({ 'cluster.workers': 'file', 'slo.ttft_ms': '--set' });
  expect(resolveConfig(parse(text))).toEqual(resolveConfig(json.config));
});

test('diff prints changed keys only', async () => {
  const a = file('a.yaml', 'seed: 42\nengine: {block_size: 64}\n');
  const b = file('b.yaml', 'engine: {block_size: 32, max_model_len: 4096}\n');
  const rows = (await run('config', 'diff', a, b)).trimEnd().split('\n');
  expect(rows.map((row) => row.split(/ {2,}/))).toEqual([
    ['key', a, b],
    ['engine.block_size', '64', '32'],
    ['engine.max_model_len', '-', '4096'],
  ]);
  expect(JSON.parse(await run('config', 'diff', a, b, '--format', 'json'))).toEqual([
    { path: 'engine.block_size', before: 64, after: 32 },
    { path: 'engine.max_model_len', after: 4096 },
  ]);
  expect(await run('config', 'diff', a, a)).toContain('ask for the same run');
});

test('the config of serve is judged as one, and belongs to no run', async () => {
  const path = file('serve.yaml', 'http: {port: 1}\nengines: [{name: a, url: "http://h:1"}]\n');
  expect(await run('config', 'validate', path)).toBe(
    `${path}: valid; for windtunnel serve, 1 engine by kv_router\n`,
  );
  const json = JSON.parse(await run('config', 'validate', path, '--format', 'json'));
  expect(json).toMatchObject({ kind: 'serve', valid: true, engines: 1 });
  await expect(run('config', 'validate', path, '--set', 'http.prot=1')).rejects.toThrow(
    /http\.prot: unknown key/,
  );
  await expect(run('config', 'expand', path)).rejects.toThrow(
    `${path}: this is the config of a live router, not of a run; it is for windtunnel serve`,
  );
  const ofRun = file('run.yaml', 'cluster: {workers: 2}\nworkload: {concurrency: 1}\n');
  expect(() => readServeConfig(ofRun, [])).toThrow(
    `${ofRun}: this is the config of a run, not of a live router; allowed: auth, discovery, engines, `,
  );
});

test('validate and expand take their file as an argument or by --config, and not twice', async () => {
  const path = file('run.yaml', 'cluster: {workers: 8}\n');
  for (const verb of ['validate', 'expand']) {
    const text = await run('config', verb, path);
    expect(await run('config', verb, '--config', path)).toBe(text);
    await expect(run('config', verb, path, '--config', path)).rejects.toThrow(
      '--config: two config files are named',
    );
  }
  await expect(run('config', 'validate')).rejects.toThrow('there is no config to check');
});
