import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { oldNodeSentence, repositoryRoot, staleReason } from './ground.mjs';

const wanted = {
  packages: {
    '': { version: '0.1.0' },
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/@esbuild/linux-x64': { version: '1.0.0', optional: true },
  },
};

test('what is installed is compared with the lock file, package by package', () => {
  const zod = { 'node_modules/zod': { version: '4.6.7' } };
  expect(staleReason(wanted, { packages: zod })).toBeUndefined();
  expect(staleReason(wanted, undefined)).toBe('nothing is installed yet');
  expect(staleReason(wanted, { packages: {} })).toBe('node_modules/zod is missing');
  const older = { packages: { 'node_modules/zod': { version: '4.0.0' } } };
  expect(staleReason(wanted, older)).toBe(
    'node_modules/zod is 4.0.0, the lock file asks for 4.6.7',
  );
  const otherPlatform = { 'node_modules/@esbuild/linux-x64': { version: '0.9.0' } };
  expect(staleReason(wanted, { packages: { ...zod, ...otherPlatform } })).toContain('0.9.0');
});

test('a Node older than 20 is told so in a sentence', () => {
  expect(oldNodeSentence('18.20.1')).toContain('this is Node 18.20.1');
  expect(oldNodeSentence('20.0.0')).toBeUndefined();
  expect(oldNodeSentence('24.21.0')).toBeUndefined();
});

test('a run that npm start began ends with a command that begins with it', () => {
  const start = join(import.meta.dirname, 'start.mjs');
  const trace = join(repositoryRoot, 'traces', 'samples', 'chat.jsonl.gz');
  const args = [start, 'replay', trace, '--num-requests', '20', '--quiet'];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n').at(-1)).toBe(
    // Without --quiet, which is no part of the run.
    `npm start -- ${args.slice(1, -1).join(' ')} --seed 42`,
  );
});
