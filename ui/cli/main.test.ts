import { spawn, spawnSync } from 'node:child_process';
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
