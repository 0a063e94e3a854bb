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

test('an open loop is flown with what its load generator holds back and gives up', () => {
  const dataset = 'inference-perf shared_prefix';
  const workload = {
    kind: 'open-loop',
    request_rate: 100,
    duration_s: 60,
    isl: 192,
    osl: 64,
    dataset,
  };
  const point = pointOfRow(read({ family: 'inference-perf-kubecon', workload }), 1);
  expect(point.load).toMatchObject({ requestRate: 100, maxConcurrency: 440 });
  expect([point.requests, point.clientTimeoutMs]).toEqual([6000, 300_000]);
});

test.each([
  [{ VLLM_USE_V1: '"0"' }, true],
  [{}, undefined],
])("with %j vLLM's prompts come first: %s", (env, promptsFirst) => {
  const server = { env, args: ['--no-enable-chunked-prefill'] };
  const point = pointOfRow(read({ engine: 'vllm', engine_version: '0.9.0', server }), 1);
  expect(point.server.promptsFirst).toBe(promptsFirst);
});

test('messages of which only means are known lie about them, made-up prompts do not', () => {
  const workload = { kind: 'burst', num_prompts: 1000, isl_mean: 217, osl_mean: 200 };
  const kindOf = (dataset: string) =>
    pointOfRow(read({ workload: { ...workload, dataset } }), 1).isl.kind;
  expect([kindOf('ShareGPT'), kindOf('random 4K input')]).toEqual(['histogram', 'fixed']);
});

const notes = 'NVIDIA AIConfigurator gap-analysis sweep';

test.each([
  ['vllm', '0.12.0', { maxBatchedTokens: 1000 + 8 + 1500, chunkedPrefill: true }],
  [
    'trtllm',
    '1.0.0rc3',
    { maxBatchedTokens: 1000 + 8 + 1500, chunkedPrefill: false, memoryFraction: 0.8 },
  ],
  ['sglang', '0.5.1.post1', { maxBatchedTokens: 8192 }],
  ['sglang', '0.5.6.post2', { maxBatchedTokens: 1000 + 1500, mixesPrompts: true }],
])(
  'a command that AIConfigurator wrote for %s %s has its settings',
  (engine, version, settings) => {
    const changes = { gpu: 'H100-SXM', engine, engine_version: version, notes, server: {} };
    expect(pointOfRow(read(changes), 1).server).toMatchObject(settings);
  },
);

test('what a row says itself goes before what AIConfigurator would have written', () => {
  expect(pointOfRow(read({ notes }), 1).server.maxBatchedTokens).toBe(16_384);
});

test("a row that says no limit of requests has its engine's own, whoever ran it and in which version", () => {
  const changes = {
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    gpu: 'H100-SXM',
    precision: 'bf16',
    notes,
    server: {},
  };
  const placesOf = (engine_version: string) =>
    pointOfRow(read({ ...changes, engine_version }), 1).server.maxNumSeqs;
  expect([placesOf('1.0.0rc3'), placesOf('1.1.0')]).toEqual([2048, 2048]);
});

test.each([
  ['vllm', '0.10.2', 'H100-SXM', 'bf16'],
  ['vllm', '0.10.2', 'B200-SXM', 'fp8'],
  ['vllm', '0.12.0', 'H100-SXM', 'fp8'],
])('%s %s on %s, told to keep its cache in fp8, keeps it in %s', (engine, version, gpu, kv) => {
  const server = { flags: 'kv-cache-dtype fp8, async-scheduling' };
  const point = pointOfRow(read({ engine, engine_version: version, gpu, server }), 1);
  expect(point.deployment.kvFormat).toBe(kv);
});

test("GPUStack's H100 is one on PCIe", () => {
  expect(
    pointOfRow(read({ family: 'gpustack', gpu: 'H100-SXM-80GB' }), 1).deployment.gpu.name,
  ).toBe('h100-pcie');
});

test.each([
  ['--quantization bitsandbytes', 'bf16'],
  ['--quantization=awq_marlin', 'int4'],
])('%s multiplies %s', (argument, quantization) => {
  const changes = {
    model: 'meta-llama/Llama-3.1-8B-Instruct',
    engine: 'vllm',
    precision: 'quantised',
  };
  const point = pointOfRow(read({ ...changes, server: { args: [argument] } }), 1);
  expect(point.deployment.quantization).toBe(quantization);
});

test.each([
  [2, 1024, 20],
  [8, 1024, undefined],
  [2, 8192, undefined],
])('on %i GPUs, prompts with outputs of %i wait for batches of %s passes', (tp, osl, passes) => {
  const server = { flags: 'kv fp8, stream_interval 10, batch_wait for 1k/1k tp<8' };
  const workload = { kind: 'closed-loop', concurrency: 8, isl: 1024, osl };
  expect(pointOfRow(read({ tp, server, workload }), 1).server.batchWaitPasses).toBe(passes);
});

test('a row whose engine cannot share the model among so many GPUs is refused', () => {
  expect(() => pointOfRow(read({ tp: 3 }), 1)).toThrow(
    /^tp: the 64 attention heads of .* cannot be shared evenly; received 3; allowed: 1, 2, 4, 8; the nearest that works is 4$/,
  );
});
