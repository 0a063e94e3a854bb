import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageVersion } from './package-paths.ts';

const MAIN = join(import.meta.dirname, 'main.ts');

function windtunnel(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

test('prints its version and help on stdout', () => {
  const version = windtunnel('--version');
  expect([version.status, version.stdout, version.stderr]).toEqual([
    0,
    `${packageVersion()}\n`,
    '',
  ]);
  const help = windtunnel('--help');
  expect([help.status, help.stderr]).toEqual([0, '']);
  expect(help.stdout).toContain('Examples:');
});

test('bad usage leaves stdout empty and ends with 2', () => {
  const wrong = windtunnel('trace', 'inspct', '--format', 'json');
  expect([wrong.status, wrong.stdout]).toEqual([2, '']);
  expect(JSON.parse(wrong.stderr)).toMatchObject({ error: { code: 'usage' } });
  const bare = windtunnel();
  expect([bare.status, bare.stdout]).toEqual([2, '']);
  expect(bare.stderr).toContain('Usage: windtunnel');
});

test.runIf(existsSync('/dev/full'))('a full disk behind stdout is one line and exit 1', () => {
  const full = openSync('/dev/full', 'w');
  const run = spawnSync(process.execPath, [MAIN, 'explain', 'ttft'], {
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  expect(run.status).toBe(1);
  expect(run.stderr).toMatch(/^error: standard output cannot be written: ENOSPC[^\n]*\n$/);
});

test('a trace may come through standard input', () => {
  const input = '{"timestamp": 0, "input_length": 5, "output_length": 2, "hash_ids": [1]}\n';
  const args = [MAIN, 'replay', '-', '--format', 'json'];
  const run = spawnSync(process.execPath, args, { encoding: 'utf8', input });
  expect(run.status).toBe(0);
  expect(JSON.parse(run.stdout)).toMatchObject({ trace: { path: '-' }, summary: { completed: 1 } });
});

test('a reader that closes the pipe early is no failure', async () => {
  const child = spawn(process.execPath, [MAIN, 'trace', 'generate', 'chat'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  child.stdout.once('data', () => child.stdout.destroy());
  const status = await new Promise((settle) => child.on('exit', settle));
  expect([status, errors]).toEqual([0, '']);
});
