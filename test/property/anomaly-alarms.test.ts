import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveConfig } from '#core/config/resolve.ts';
import { findAnomalies } from '#sim/report/anomalies/anomalies.ts';
import { run } from '#sim/run.ts';
import { readTraceFile } from '#traces/files.ts';
import { traceOf } from '../reference/hand-trace.ts';

const SAMPLES = join(import.meta.dirname, '..', '..', 'traces', 'samples');

async function anomaliesOf(sample: string, config: Readonly<Record<string, unknown>>) {
  const options = { format: 'mooncake', traceBlockSize: 512 } as const;
  const { batches, hasContent, sessions } = await readTraceFile(join(SAMPLES, sample), options);
  const settled = resolveConfig(config);
  return findAnomalies(run({ config: settled, seed: 42, batches, hasContent, sessions })).anomalies;
}

test.each([
  ['chat.jsonl.gz', {}],
  ['chat.jsonl.gz', { workload: { arrival_speedup_ratio: 8 } }],
  ['chat.jsonl.gz', { router: { mode: 'round_robin' } }],
  ['chat.jsonl.gz', { router: { mode: 'random' } }],
  ['agents.jsonl.gz', {}],
  ['mixed.jsonl.gz', { router: { mode: 'power_of_two' } }],
])('a calm run of %s with %j raises no alarm', async (sample, config) => {
  expect(await anomaliesOf(sample, config)).toEqual({});
});

const tooSmall = (stepping: 'leap' | 'exact') => ({
  engine: { num_gpu_blocks: 560, stepping },
  router: { mode: 'round_robin' },
  workload: { arrival_speedup_ratio: 3 },
});

test('a leap blocks as many heads of line as its steps do', async () => {
  const leaping = await anomaliesOf('chat.jsonl.gz', tooSmall('leap'));
  const stepping = await anomaliesOf('chat.jsonl.gz', tooSmall('exact'));
  expect(leaping.head_of_line_blocking).toBe(stepping.head_of_line_blocking);
});

test('a cluster with far too little memory raises those of memory', async () => {
  const found = await anomaliesOf('chat.jsonl.gz', tooSmall('leap'));
  expect(found.preemption_storm).toBeGreaterThan(0);
  expect(found.kv_thrash).toBeGreaterThan(100);
  expect(found.head_of_line_blocking).toBeGreaterThan(10);
  expect(found.mostly_queued).toBeGreaterThan(1000);
});

/** Requests of one prompt, evenly spaced. */
function sameness(count: number, gapMs: number) {
  const rows = Array.from({ length: count }, (_, index) => ({
    atMs: index * gapMs,
    input: 4096,
    output: 100,
    ids: [0, 1, 2, 3, 4, 5, 6, index + 7],
  }));
  return traceOf(rows);
}

test('a router that sends everyone to half of the workers raises hot worker, others do not', () => {
  const fly = (router: Readonly<Record<string, unknown>>) => {
    const config = resolveConfig({ cluster: { workers: 4 }, router });
    return findAnomalies(run({ config, seed: 1, ...sameness(400, 100) }));
  };
  // So much credit for a prefix that load hardly counts.
  const blind = { mode: 'kv_router', overlap_score_credit: 1000 };
  const { anomalies, evidence } = fly(blind);
  expect(anomalies.hot_worker).toBe(2);
  expect(evidence?.hot_worker?.worst.load_to_mean).toBeGreaterThan(1.9);
  expect(fly({ mode: 'round_robin' }).anomalies).toEqual({});
});

test('more traffic than one worker can serve raises saturation', () => {
  const fly = (gapMs: number) => {
    const config = resolveConfig({ cluster: { workers: 1 }, engine: { max_num_seqs: 8 } });
    return findAnomalies(run({ config, seed: 1, ...sameness(400, gapMs) })).anomalies;
  };
  expect(fly(20).saturation).toBe(1);
  expect(fly(400)).toEqual({});
});
