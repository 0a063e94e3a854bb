import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerPoints } from './points.ts';

const good = {
  id: 'good',
  model: 'Qwen/Qwen3-0.6B',
  gpu: 'h100',
  tp: 1,
  engine: 'vllm',
  workload: { kind: 'closed-loop', concurrency: 2, isl: 64, osl: 8 },
};
const { model: _, ...nameless } = good;

const lines = [
  good,
  '{broken',
  { ...nameless, id: 'nameless' },
  { ...good, id: 'elsewhere', gpu: 'h999' },
  { ...good, id: 'negative', workload: { ...good.workload, isl: -10 } },
  { ...good, id: 'worded', workload: { ...good.workload, osl: '8' } },
  { ...good, id: 'staged', pp: 0 },
  { ...good, id: 'dealt', ep: 2 },
  'null',
  { ...good, id: 'last' },
].map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));

const folder = mkdtempSync(join(tmpdir(), 'windtunnel-points-'));
const path = join(folder, 'points.jsonl');
writeFileSync(path, lines.join('\n'));

test('every row is answered under its id, in order, with what it lacks', () => {
  const out = join(folder, 'answers.jsonl');
  const counts = answerPoints(path, out, { seed: 1, keepGoing: true }, () => undefined);
  expect(counts).toEqual({ answered: 2, failed: 8 });
  const answers = readFileSync(out, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id, error }) => [id, error?.code, error?.message])).toEqual([
    ['good', undefined, undefined],
    ['line-2', 'points_invalid', expect.stringContaining('points.jsonl:2: this line is no JSON')],
    ['nameless', 'points_invalid', expect.stringContaining('points.jsonl:3: model: ')],
    ['elsewhere', 'gpu_unknown', expect.stringContaining('"h999"')],
    ['negative', 'points_invalid', expect.stringMatching(/^workload.isl: .* received -10/)],
    ['worded', 'points_invalid', expect.stringMatching(/^workload.osl: .* received "8"/)],
    ['staged', 'points_invalid', expect.stringContaining('points.jsonl:7: pp: ')],
    ['dealt', 'points_invalid', expect.stringMatching(/^ep: .* received 2/)],
    ['line-9', 'points_invalid', expect.stringContaining('a point is a JSON object')],
    ['last', undefined, undefined],
  ]);
  expect(answers[0].tpot_ms).toEqual(answers.at(-1).tpot_ms);
});

test('otherwise a row that cannot be read ends it, naming its line, and nothing is written', () => {
  const out = join(folder, 'none.jsonl');
  const options = { seed: 1, keepGoing: false };
  expect(() => answerPoints(path, out, options, () => undefined)).toThrow(/points\.jsonl:2: /);
  expect(() => readFileSync(out)).toThrow(/ENOENT/);
});
