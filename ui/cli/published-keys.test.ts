import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const MAIN = join(import.meta.dirname, 'main.ts');
const CHAT = join(import.meta.dirname, '..', '..', 'traces', 'samples', 'chat.jsonl.gz');

/** Scripts read these; a key that is renamed or lost breaks them. */
const LATENCIES = ['ttft_ms', 'tpot_ms', 'itl_ms', 'e2e_ms', 'queue_ms'];
const STATISTICS = ['mean', 'p50', 'p90', 'p95', 'p99', 'max', 'n'];
const REPORT_KEYS = [
  'version',
  'seed',
  'config_sha256',
  'trace.sha256',
  'simulated_ms',
  'summary.requests',
  'summary.completed',
  'summary.rejected',
  ...LATENCIES.flatMap((name) => STATISTICS.map((key) => `summary.${name}.${key}`)),
  'summary.output_throughput_tok_s',
  'summary.prefix_cache_reused_ratio',
  'summary.first_admission_prefix_cache_reused_ratio',
  'summary.preemptions',
  'summary.goodput',
];
const INSPECTION_KEYS = ['infinite_cache.hit_blocks', 'infinite_cache.total_blocks'];

function missingKeys(args: readonly string[], keys: readonly string[]): readonly string[] {
  const run = spawnSync(process.execPath, [MAIN, ...args, '--format', 'json'], {
    encoding: 'utf8',
  });
  const value: unknown = JSON.parse(run.stdout);
  return keys.filter(
    (key) =>
      key
        .split('.')
        .reduce<unknown>((inner, part) => (inner as Record<string, unknown>)?.[part], value) ===
      undefined,
  );
}

test('a report has every key that scripts rely on', () => {
  const args = ['replay', CHAT, '--num-requests', '100', '--ttft', '500'];
  expect(missingKeys(args, REPORT_KEYS)).toEqual([]);
});

test('an inspection has every key that scripts rely on', () => {
  expect(missingKeys(['trace', 'inspect', CHAT, '--limit', '100'], INSPECTION_KEYS)).toEqual([]);
});
