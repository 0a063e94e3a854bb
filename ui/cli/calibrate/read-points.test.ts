import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deploymentOfRow } from '#sim/estimate/measured/deployment-of-row.ts';
import type { MeasuredRow } from '#sim/estimate/measured/measured-row.ts';
import { refuseFolder } from './evidence.ts';
import { readPoints } from './read-points.ts';

const own: MeasuredRow = {
  id: 'own',
  model: 'meta-llama/Llama-3.1-8B-Instruct',
  gpu: 'H100-SXM',
  tp: 1,
  engine: 'vllm',
  workload: { kind: 'closed-loop', concurrency: 4, isl: 128, osl: 32, num_prompts: 64 },
  metrics: { tpot_mean_ms: 8, ttft_mean_ms: 40 },
};
const deployment = deploymentOfRow(own);

function fileOf(rows: readonly MeasuredRow[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'points-')), 'mine.jsonl');
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

test('rows of another model, TP, GPU or engine are left out, with their number', () => {
  const file = fileOf([
    own,
    { ...own, model: 'Qwen/Qwen3-32B' },
    { ...own, tp: 2 },
    { ...own, tp: 4 },
    { ...own, gpu: 'H200-SXM' },
    { ...own, engine: 'sglang' },
  ]);
  const { points, leftOut } = readPoints(file, deployment);
  expect(points).toMatchObject([{ tpotMs: 8, ttftMs: 40 }]);
  expect(leftOut).toBe(
    `${file}: 5 of 6 rows left out: 1 of another model, 2 of another TP, 1 of another GPU, 1 of another engine`,
  );
});

test('what is left out need not say all that a point says, and what counts is refused by its line', () => {
  const { concurrency: _, ...silent } = own.workload;
  const foreign = { ...own, gpu: 'H200-SXM', workload: silent };
  const unknown = { ...own, model: 'nobody/knows-1B', workload: silent };
  const { points, leftOut } = readPoints(fileOf([own, foreign, unknown]), deployment);
  expect(points).toHaveLength(1);
  expect(leftOut).toContain('1 of another GPU, 1 of an unknown deployment');
  const file = fileOf([own, { ...own, workload: silent }]);
  expect(() => readPoints(file, deployment)).toThrow(
    `${file}:2: workload.concurrency: this key is needed; received null; allowed: a number above 0`,
  );
});

test('a file of nothing else is refused, with what it is of', () => {
  expect(() => readPoints(fileOf([{ ...own, tp: 2 }]), deployment)).toThrow(/1 of another TP/);
  expect(readPoints(fileOf([own]), deployment).leftOut).toBeUndefined();
});

test('a folder is refused with the files of it that could be meant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  expect(() => refuseFolder('--from-steps', folder)).toThrow(/no NAME\.steps\.jsonl lies in/);
  for (const name of ['a.steps.jsonl.gz', 'b.steps.jsonl', 'a.requests.jsonl']) {
    writeFileSync(join(folder, name), '');
  }
  expect(() => refuseFolder('--from-steps', folder)).toThrow(
    `one file of it: ${join(folder, 'a.steps.jsonl.gz')}, ${join(folder, 'b.steps.jsonl')}`,
  );
});
