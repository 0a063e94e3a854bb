import { InputError } from '#core/base/errors.ts';
import { needGpu } from '#core/perf/hardware/find-gpu.ts';
import type { Gpu } from '#core/perf/hardware/gpu.ts';
import type { EngineName, KvFormat } from '#core/perf/kernels/kernel-fits.ts';
import { needModel } from '#core/perf/models/find-model.ts';
import type { ModelShape, Quantization } from '#core/perf/models/model-shape.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { findUneven, type Uneven } from '#core/perf/pass/uneven.ts';
import type { MeasuredRow } from './measured-row.ts';

const ENGINES: readonly (readonly [RegExp, EngineName])[] = [
  [/^vllm/i, 'vllm'],
  [/^sglang/i, 'sglang'],
  [/^(trt-?llm|tensorrt-?llm)/i, 'trtllm'],
];

/**
 * What a row ran on. Throws an InputError where model, GPU or engine is unknown, with the nearest
 * name where there is one, and where the engine cannot share the model among so many GPUs.
 */
export function deploymentOfRow(row: MeasuredRow): Deployment {
  const engine = engineOf(row.engine);
  const gpu = needGpu(labelledGpu(row), 'gpu');
  const model = needModel(row.model, 'model');
  const quantization = quantizationOf(row, engine, gpu, model);
  const deployment: Deployment = {
    gpu,
    model,
    engine,
    tensorParallel: row.tp,
    pipelineParallel: row.pp ?? 1,
    dataParallel: 1,
    expertParallel: Math.max(1, row.ep ?? 1),
    quantization,
    kvFormat: kvFormatOf(row, engine, gpu, quantization),
  };
  refuseUneven(deployment);
  return deployment;
}

function refuseUneven(deployment: Deployment): void {
  const uneven = findUneven(deployment);
  if (uneven === undefined) return;
  const { axis, why, received, allowed, nearest } = uneven;
  throw new InputError('points_invalid', why, {
    path: KEYS[axis],
    received,
    allowed,
    ...(nearest !== undefined && { remedy: `the nearest that works is ${nearest}` }),
  });
}

/** What the ways of splitting a model are called in a row. */
const KEYS: Readonly<Record<Uneven['axis'], string>> = {
  tensor: 'tp',
  pipeline: 'pp',
  data: 'dp',
  expert: 'ep',
};

function engineOf(name: string): EngineName {
  const known = ENGINES.find(([pattern]) => pattern.test(name));
  if (known !== undefined) return known[1];
  throw new InputError('engine_unknown', 'unknown name', {
    path: 'engine',
    received: name,
    allowed: 'vllm, sglang or trtllm',
  });
}

/**
 * What a row's GPU is called. GPUStack's pages say H100 alone, which reads a model's weights there at
 * 1.5 TB/s for one request: more than nine tenths of what an H100 on PCIe has, or less than half of
 * what one on SXM has, where every other source is at 2.7 TB/s.
 */
function labelledGpu({ gpu, family = '' }: MeasuredRow): string {
  return /^gpustack/.test(family) && /^h100/i.test(gpu) ? 'h100-pcie' : gpu;
}

/**
 * How a checkpoint was quantised, from what the row calls its precision and from its name. NVIDIA's
 * own FP8 checkpoints carry the scales of activations, which vLLM before 0.11 ignored on Hopper;
 * Qwen's have scales by block; AWQ is four bits of weights.
 */
function quantizationOf(
  { model, precision = 'bf16', server }: MeasuredRow,
  engine: EngineName,
  gpu: Gpu,
  shape: ModelShape,
): Quantization {
  const told = /--quantization[= ](\w+)/.exec([server?.args ?? []].flat().join(' '))?.[1];
  if (/awq|gptq/i.test(told ?? model)) return 'int4';
  // It unpacks its matrices and multiplies in bf16.
  if (told === 'bitsandbytes') return 'bf16';
  if (/fp4/i.test(precision)) return 'nvfp4';
  if (/fp8|quantised|quantized/i.test(precision)) {
    if (/^nvidia\//i.test(model)) {
      return engine === 'vllm' && gpu.architecture === 'sm90' ? 'fp8' : 'fp8_static';
    }
    return /^qwen\//i.test(model) ? 'fp8_block' : 'fp8';
  }
  return shape.quantization ?? 'bf16';
}

/** Versions of vLLM that were told to keep the cache in fp8 on Hopper and did not. */
const HOPPER_KEEPS_BF16 = /^0\.10\./;

/**
 * TensorRT-LLM keeps the cache of a quantised model in fp8, the others only where told to. vLLM 0.10
 * on Hopper, so told, is as slow at long contexts, and waits for room as early, as with bf16.
 */
function kvFormatOf(
  { server, engine_version: version }: MeasuredRow,
  engine: EngineName,
  gpu: Gpu,
  quantization: Quantization,
): KvFormat {
  const told = [server?.flags, server?.cmd, server?.kv_cache_dtype].some((text) =>
    /kv fp8|kv-cache-dtype[= ]fp8|^fp8/.test(String(text ?? '')),
  );
  if (told) {
    const hopper = engine === 'vllm' && gpu.architecture === 'sm90';
    return hopper && HOPPER_KEEPS_BF16.test(version ?? '') ? 'bf16' : 'fp8';
  }
  return engine === 'trtllm' && /^(fp8|nvfp4)/.test(quantization) ? 'fp8' : 'bf16';
}
