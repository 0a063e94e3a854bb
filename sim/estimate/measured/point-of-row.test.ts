import { expect, test } from 'vitest';
import { readMeasuredRow } from './measured-row.ts';
import { pointOfRow } from './point-of-row.ts';

const row = {
  id: 'a',
  model: 'nvidia/Llama-3.3-70B-Instruct-FP8',
  gpu: 'B200-SXM',
  tp: 2,
  engine: 'trtllm',
  engine_version: '1.1.0rc2.post2',
  precision: 'fp8',
  server: { flags: 'kv fp8, no block reuse, max_num_tokens 16384' },
  workload: {
    kind: 'closed-loop',
    concurrency: 8,
    isl: 1000,
    osl: 500,
    isl_dist: 'uniform[0.8*isl, isl]',
  },
};

function read(changes: object = {}) {
  return readMeasuredRow(JSON.stringify({ ...row, ...changes }), 'points.jsonl', 3);
}

test('what was done is replayed: all clients at once, ten prompts each, lengths as drawn', () => {
  const point = pointOfRow(read(), 1);
  expect(point.load).toEqual({ kind: 'closed', concurrency: 8, start: 'together' });
  expect(point.requests).toBe(80);
  expect(point.isl).toEqual({ kind: 'uniform', from: 800, to: 1000 });
  expect(point.osl).toEqual({ kind: 'fixed', tokens: 500 });
  expect(point.server).toMatchObject({ prefixCaching: false, maxBatchedTokens: 16_384 });
  expect(point.deployment).toMatchObject({ quantization: 'fp8_static', kvFormat: 'fp8' });
});

test.each([
  ['vllm', 'H100-SXM', 'nvidia/Llama-3.3-70B-Instruct-FP8', 'fp8', 'fp8'],
  ['vllm', 'B200-SXM', 'nvidia/Llama-3.3-70B-Instruct-FP8', 'fp8', 'fp8_static'],
  ['sglang', 'H100-SXM', 'Qwen/Qwen3-14B-FP8', 'fp8', 'fp8_block'],
  ['vllm', 'A100', 'Qwen/Qwen3-14B-AWQ', 'bf16', 'int4'],
  ['vllm', 'A100', 'Qwen/Qwen3-14B', 'fp16', 'bf16'],
])('%s on %s runs %s (%s) as %s', (engine, gpu, model, precision, quantization) => {
  const { deployment } = pointOfRow(read({ engine, gpu, model, precision, server: {} }), 1);
  expect(deployment.quantization).toBe(quantization);
});

test.each([
  ['{', 'points.jsonl:3: this line is no JSON'],
  ['{"gpu":"H100","engine":"vllm"}', 'points.jsonl:3: model: this key is missing'],
  ['{"model":"m","gpu":"g","engine":"vllm","tp":0}', 'points.jsonl:3: tp'],
])('the line %s is refused with its place', (text, message) => {
  expect(() => readMeasuredRow(text, 'points.jsonl', 3)).toThrow(message);
});

test.each([
  [{ gpu: 'H1000' }, 'gpu_unknown'],
  [{ model: 'acme/Foo-3B' }, 'model_unknown'],
  [{ engine: 'lmdeploy' }, 'engine_unknown'],
  [{ workload: { kind: 'closed-loop', isl: 1, osl: 1 } }, 'points_invalid'],
  [{ workload: { kind: 'random', isl: 1, osl: 1 } }, 'points_invalid'],
])('%j has a reason of its own why there is no answer', (changes, code) => {
  expect(() => pointOfRow(read(changes), 1)).toThrow(expect.objectContaining({ code }));
});
