import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const folder = mkdtempSync(join(tmpdir(), 'windtunnel-load-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function trace(name: string, ...rows: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

const call = { session_id: 'a', input_chars: 600, output_chars: 9, hash_ids: [5, 9] };
const lmcache = trace('lmcache.jsonl', { timestamp: 1.5, ...call });
const weka = trace('weka.jsonl', {
  id: 's',
  block_size: 64,
  hash_id_scope: 'local',
  requests: [{ t: 1, in: 130, out: 3, hash_ids: [1, 2] }],
});
const windtunnelTrace = trace(
  'own.jsonl',
  {
    schema: 'windtunnel.trace',
    version: 1,
    block_size: 8,
    has_content: true,
    resends_output: false,
  },
  { timestamp: 0, input_length: 9, output_length: 2, hash_ids: [1, 2] },
);

function windtunnel(...args: readonly string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8' });
}

test.each([
  [lmcache, [], 64],
  [windtunnelTrace, [], 8],
  [windtunnelTrace, ['--trace-block-size', '8', '--trace-format', 'windtunnel'], 8],
  [weka, ['--concurrency', '1'], 64],
])('%s with %j flies in blocks of its own', (path, flags, blockSize) => {
  const run = windtunnel('replay', path, ...flags, '--format', 'json');
  expect(run.status).toBe(0);
  const { config, summary } = JSON.parse(run.stdout);
  expect([config.workload.trace_block_size, summary.completed]).toEqual([blockSize, 1]);
});

test('only a block size that was written, and contradicts the file, is refused', () => {
  const run = windtunnel('replay', windtunnelTrace, '--set', 'workload.trace_block_size=512');
  expect([run.status, run.stdout]).toEqual([2, '']);
  expect(run.stderr).toContain('the trace states blocks of 8 tokens; received');
  expect(run.stderr).toContain('(--trace-block-size) out, or set it to 8');
});

test('candidates of a comparison take over the blocks of the trace, and their digests tell', () => {
  const vary = ['--vary', 'cluster.workers=1,2', '--seeds', '1', '--format', 'json'];
  const own = windtunnel('compare', windtunnelTrace, ...vary);
  expect(own.status).toBe(0);
  const written = windtunnel('compare', windtunnelTrace, '--trace-block-size', '8', ...vary);
  expect(JSON.parse(own.stdout).candidates).toEqual(JSON.parse(written.stdout).candidates);
});

test('a trace without times is told with all that is wrong, and a command that flies it', () => {
  const wrong = ['--set', 'workload.trace_block_size=512', '--arrival-speedup-ratio', '2'];
  const refused = windtunnel('replay', weka, ...wrong, '--seed', '5');
  expect([refused.status, refused.stdout]).toEqual([2, '']);
  expect(refused.stderr).toContain('no times of arrival, and its blocks are of 64 tokens');
  const command = refused.stderr.trimEnd().split('\n').at(-1)!.trim();
  expect(command).toBe(`windtunnel replay ${weka} --seed 5 --concurrency 8 --trace-block-size 64`);
  expect(windtunnel(...command.split(' ').slice(1)).status).toBe(0);
});

test('more requests than the trace has are noted', () => {
  const run = windtunnel('replay', lmcache, '--num-requests', '20', '--quiet');
  expect(run.status).toBe(0);
  expect(run.stderr).toContain(
    'note: the trace has fewer requests (1) than workload.num_requests asks for (20)\n',
  );
});
