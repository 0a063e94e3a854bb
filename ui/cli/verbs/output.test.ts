import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { CHAT, openJournalBench } from '#test/reference/journal-bench.ts';

const GOLDEN = '../../../test/golden/output';
const { run, at, close } = openJournalBench('output');

afterAll(close);
afterEach(() => vi.restoreAllMocks());

writeFileSync(at('four.yaml'), 'version: 1\nrouter:\n  mode: random\n');
writeFileSync(at('eight.yaml'), 'version: 1\ncluster:\n  workers: 8\nrouter:\n  mode: random\n');

const FLIGHT = [CHAT, '--num-requests', '200', '--quiet'];
const TWO = ['--vary', 'router.mode=round_robin,kv_router', '--seeds', '2'];

test.each([
  ['replay', ['replay', ...FLIGHT, '--canonical', '--per-worker']],
  ['compare', ['compare', ...FLIGHT, ...TWO]],
  ['config-init', ['config', 'init']],
  ['config-validate', ['config', 'validate', at('eight.yaml')]],
  ['config-expand', ['config', 'expand', '--config', at('eight.yaml'), '--set', 'seed=7']],
  ['config-diff', ['config', 'diff', at('four.yaml'), at('eight.yaml')]],
  ['explain', ['explain', 'ttft']],
  ['explain-key', ['explain', 'router.mode']],
])('the output of %s on a bundled sample is as approved', async (name, args) => {
  const { out: all, err } = await run(...args);
  // The command that repeats a run is here the test runner's.
  const out = all.replace(/\nwindtunnel .*\n$/, '');
  const text = err === '' ? out : `${out}--- stderr\n${err}`;
  await expect(text).toMatchFileSnapshot(`${GOLDEN}/${name}.txt`);
});

test('bench lists the benches', () => {
  const main = join(import.meta.dirname, '..', 'main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'bench'], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^Usage: npm run bench -- NAME \[arguments\]\nBenches: .*replay/);
});
