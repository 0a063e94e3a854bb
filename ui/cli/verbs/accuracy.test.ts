import { writeFileSync } from 'node:fs';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { openJournalBench } from '#test/reference/journal-bench.ts';

const { at, run, close } = openJournalBench('accuracy');

afterAll(close);
afterEach(() => vi.restoreAllMocks());

const POINT = {
  model: 'meta-llama/Llama-3.1-8B-Instruct',
  gpu: 'H100-SXM',
  tp: 1,
  engine: 'vllm',
  workload: { kind: 'closed-loop', concurrency: 2, isl: 64, osl: 8, num_prompts: 8 },
  metrics: { tpot_mean_ms: 8, ttft_mean_ms: 40 },
};

test('a log hears how far it has come, unless somebody wants it quiet', async () => {
  const points = at('mine.jsonl');
  const rows = ['a', 'b', 'c'].map((id) => JSON.stringify({ id, ...POINT }));
  writeFileSync(points, `${rows.join('\n')}\n`);
  const { out, err } = await run('accuracy', '--points', points);
  expect(err.split('\n')[0]).toBe('16 % · 2/12 flights');
  expect(err).toContain('100 % · 12/12 flights\n');
  const quiet = await run('accuracy', '--points', points, '--quiet');
  expect(quiet).toEqual({ out, err: '' });
});
