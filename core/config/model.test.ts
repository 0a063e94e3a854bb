import { expect, test } from 'vitest';
import { configDigest } from './digest.ts';
import { poolsOf } from './pools.ts';
import { resolveConfig } from './resolve.ts';

const MODEL = { name: 'Qwen/Qwen3-32B' };
const TIMING = { type: 'model' };

/** 8 MiB a block of 64 tokens. */
const FP8 = { quantization: 'fp8', kv_cache_dtype: 'fp8' };

/** Qwen3-32B on an H200, but for what the case says. */
function modelled(engine: object = {}, rest: object = {}) {
  const cluster = { gpu: 'h200-sxm' };
  return resolveConfig({ model: MODEL, cluster, engine: { timing: TIMING, ...engine }, ...rest });
}

test('the published example: Qwen3-32B in fp8 leaves 11,528 blocks of 64 tokens on an H200', () => {
  expect(modelled(FP8).engine.num_gpu_blocks).toBe(11_528);
  const asked = modelled({ ...FP8, num_gpu_blocks: 'auto' });
  expect(asked.engine.num_gpu_blocks).toBe(11_528);
});

test('a number that is written stays, and a smaller share of the memory leaves fewer blocks', () => {
  expect(modelled({ num_gpu_blocks: 512 }).engine.num_gpu_blocks).toBe(512);
  const less = modelled({ ...FP8, gpu_memory_utilization: 0.8 });
  // 10 % of 141 GiB, at 8 MiB a block.
  expect(11_528 - less.engine.num_gpu_blocks).toBeCloseTo((0.1 * 141 * 1024) / 8, -1);
});

test('layers with a window take what vLLM keeps of a request as long as may be', () => {
  const model = { name: 'google/gemma-3-27b-it' };
  const blocks = (engine: object) => modelled(engine, { model }).engine.num_gpu_blocks;
  // Of 62 layers ten hold everything and 52 the last 1,024 of 32,768 tokens.
  expect(blocks({ max_model_len: 32_768 }) / blocks({})).toBeCloseTo(62 / (10 + 52 / 32), 2);
  expect(blocks({ backend: 'trtllm', max_model_len: 32_768 })).toBe(blocks({ backend: 'trtllm' }));
});

test('the GPUs of a worker follow from how the model is laid out', () => {
  const engine = { tensor_parallel_size: 2, pipeline_parallel_size: 2 };
  expect(modelled(engine).cluster.gpus_per_worker).toBe(4);
  const cluster = { gpu: 'h200-sxm', gpus_per_worker: 2 };
  expect(() => modelled(engine, { cluster })).toThrow(
    'cluster.gpus_per_worker: impossible: the engine is laid out on 4 (2 tensor × 2 pipeline × 1 data parallel); received 2; leave it out, or set it to 4',
  );
});

test('matrices are not shared over more GPUs than a node has, and layers may be', () => {
  expect(() => modelled({ tensor_parallel_size: 16 })).toThrow(
    'engine.tensor_parallel_size: impossible: a node has 8 × h200-sxm; received 16; allowed: up to 8; spread layers over nodes with engine.pipeline_parallel_size',
  );
  const engine = { tensor_parallel_size: 8, pipeline_parallel_size: 2 };
  expect(modelled(engine).cluster.gpus_per_worker).toBe(16);
  expect(() => modelled(engine, { network: { nic: 'none' } })).toThrow(
    'network.nic: impossible: a worker has 16 GPUs, a node has 8, and no link leads from node to node; received "none"',
  );
});

test('what a transfer moves follows from the model, where transfers have a speed', () => {
  const pools = [
    { role: 'prefill', workers: 1, engine: { tensor_parallel_size: 2 } },
    { role: 'decode', workers: 1 },
  ];
  const rest = { cluster: { gpu: 'h200', pools } };
  const bytes = (more: object): number | undefined =>
    modelled({}, { ...rest, ...more }).kv_transfer.bytes_per_token;
  // 64 layers × 2 × 8 KV heads × 128 × 2 bytes, however the heads are shared out.
  expect(bytes({ kv_transfer: { bandwidth_gb_s: 50 } })).toBe(262_144);
  expect(bytes({ network: { mode: 'shared' } })).toBe(262_144);
  expect(bytes({ kv_transfer: { bandwidth_gb_s: 50, bytes_per_token: 7 } })).toBe(7);
  expect(bytes({})).toBeUndefined();
});

test('each pool is sized by its own engine and its own GPU', () => {
  const pools = [
    { role: 'prefill', workers: 1, gpu: 'h100', engine: { tensor_parallel_size: 2 } },
    { role: 'decode', workers: 2, engine: FP8 },
  ];
  const config = modelled({ num_gpu_blocks: 'auto' }, { cluster: { gpu: 'h200', pools } });
  const [prefill, decode] = poolsOf(config).map((pool) => pool.config);
  expect(prefill!.cluster).toEqual({ workers: 1, gpus_per_worker: 2, gpu: 'h100' });
  expect(decode!.cluster).toEqual({ workers: 2, gpus_per_worker: 1, gpu: 'h200' });
  expect(prefill!.engine.num_gpu_blocks).toBeLessThan(decode!.engine.num_gpu_blocks);
  expect(decode!.engine.num_gpu_blocks).toBe(11_528);
});

test('a model that does not fit says by how much, and with what it would', () => {
  const model = { name: 'meta-llama/Llama-3.1-405B-Instruct' };
  expect(() => modelled({}, { model })).toThrow(
    /^engine.tensor_parallel_size: meta-llama\/Llama-3.1-405B-Instruct does not fit on 1 × h200-sxm: each GPU lacks \d+\.\d GiB for weights; received 1; set engine.tensor_parallel_size to 8$/,
  );
  // A million tokens take 122 GiB, and weights a quarter of the rest.
  expect(() => modelled({ ...FP8, max_model_len: 1_000_000 })).toThrow(
    /lacks .* GiB for weights and a request of 1000000 tokens; .*set engine.tensor_parallel_size to 2/,
  );
});

const NAMES = { cluster: { gpu: 'h10' }, model: { name: 'Qwen/Qwen3-33B' } };

test.each([
  [
    { model: NAMES.model },
    'model.name: no built-in model has that name; received "Qwen/Qwen3-33B"',
  ],
  [{ model: NAMES.model }, 'did you mean "Qwen/Qwen3-32B"?'],
  [{ model: NAMES.model }, '`windtunnel explain models` lists them'],
  [{ cluster: NAMES.cluster }, 'did you mean "h100-sxm"?; `windtunnel explain gpus`'],
  [{ cluster: {} }, 'cluster.gpu: missing'],
  [{ model: {} }, 'model.name: missing'],
  [{ model: { config: './config.json' } }, 'model.config: names a file that nobody has read'],
  [
    { model: { config: { architectures: ['LlamaForCausalLM'] } } },
    'model.config.num_hidden_layers: this field is missing',
  ],
  [{ cluster: { gpu: { memory_gib: 48 } } }, 'cluster.gpu.memory_gb_s: missing'],
])('%j is refused: %s', (rest, message) => {
  expect(() => modelled({}, rest)).toThrow(message);
});

test.each([
  [{ tensor_parallel_size: 3 }, 'engine.tensor_parallel_size: impossible: the 64 attention heads'],
  [{ backend_version: '0.11.1; newest' }, 'allowed: a version in quotes: numbers with dots'],
  [{ expert_parallel_size: 2 }, 'allowed: 1: this model has no experts'],
  [
    { expert_imbalance: 2 },
    'engine.expert_imbalance: Qwen/Qwen3-32B has none to be popular; received 2; allowed: 1: this model has no experts',
  ],
  [
    { enforce_eager: true, cudagraph_capture_sizes: [1, 2] },
    'engine.cudagraph_capture_sizes: has no effect: engine.enforce_eager captures nothing',
  ],
  [
    { enforce_eager: true, backend_version: '0.6.1' },
    'engine.enforce_eager: has no effect: this engine on this device captures nothing',
  ],
  [
    { host_overhead_ms: 1, backend_version: '0.11.0' },
    'engine.backend_version: has no effect: what the host takes is written',
  ],
])('the engine %j is refused: %s', (engine, message) => {
  expect(() => modelled(engine)).toThrow(message);
});

test.each([
  [{ model: MODEL }, 'model.name'],
  [{ cluster: { gpu: 'h100' } }, 'cluster.gpu'],
  [{ engine: { tensor_parallel_size: 2 } }, 'engine.tensor_parallel_size'],
  [{ engine: { kv_cache_dtype: 'fp8' } }, 'engine.kv_cache_dtype'],
])('without a model as timing %j has no effect', (written, path) => {
  expect(() => resolveConfig(written)).toThrow(`${path}: has no effect`);
});

test('blocks can only be found for a model on a GPU', () => {
  expect(() => resolveConfig({ engine: { num_gpu_blocks: 'auto' } })).toThrow(
    'engine.num_gpu_blocks: how many fit is known of a model on a GPU alone',
  );
});

test('the digest tells models, GPUs and layouts apart', () => {
  const digests = [
    modelled(),
    modelled({}, { cluster: { gpu: 'h200-sxm', workers: 5 } }),
    modelled({}, { cluster: { gpu: 'b200' } }),
    modelled({ tensor_parallel_size: 2 }),
    modelled({ dtype: 'fp16' }),
    modelled({}, { model: { name: 'Qwen/Qwen3-14B' } }),
  ].map(configDigest);
  expect(new Set(digests).size).toBe(digests.length);
});

test('a GPU of your own says what it can do', () => {
  const gpu = { memory_gib: 141, memory_gb_s: 4800, bf16_tflops: 989, processors: 132 };
  const own = modelled(FP8, { cluster: { gpu } });
  expect(own.engine.num_gpu_blocks).toBe(11_528);
});
