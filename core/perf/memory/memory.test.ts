import { expect, test } from 'vitest';
import type { EngineName } from '../kernels/kernel-fits.ts';
import { findModel } from '../models/find-model.ts';
import { deploymentOn } from '../pass/deployment.fixture.ts';
import { kvBlocks, planMemory } from './memory.ts';

const qwen = deploymentOn('h200', 'Qwen/Qwen3-32B', { quantization: 'fp8', kvFormat: 'fp8' });

const options = { maxBatchedTokens: 8192, memoryFraction: 0.9 };

// AIConfigurator's worked example, reference mocker.md §10.5.
test('Qwen3-32B in fp8 leaves 11,528 blocks of 64 tokens on an H200', () => {
  const plan = planMemory(qwen, options);
  expect(plan.weightBytes).toBe(34_317_271_040);
  expect(plan.activationBytes).toBe(1_476_395_008);
  expect(plan.runtimeBytes).toBe(3_758_096_384);
  expect(plan.kvBytesPerToken).toBe(131_072);
  expect(kvBlocks(plan, 64)).toBe(11_528);
});

test('TensorRT-LLM gives the cache a share of what the rest leaves', () => {
  const plan = planMemory({ ...qwen, engine: 'trtllm' }, options);
  const rest = plan.weightBytes + plan.activationBytes + plan.runtimeBytes;
  expect(plan.kvBytes).toBeCloseTo((plan.totalBytes - rest) * 0.9, 0);
});

test('tensor parallelism splits weights and KV heads, until each GPU has one head', () => {
  const at = (tensorParallel: number) => planMemory({ ...qwen, tensorParallel }, options);
  expect(at(2).kvBytesPerToken).toBe(65_536);
  expect(at(8).kvBytesPerToken).toBe(16_384);
  expect(at(16).kvBytesPerToken).toBe(16_384);
  expect(at(2).weightBytes).toBe(at(1).weightBytes / 2);
});

test('latent attention keeps one vector a token, on every GPU whole', () => {
  const model = findModel('deepseek-ai/DeepSeek-V3')!;
  const deepseek = { ...qwen, model, quantization: 'fp8_block', kvFormat: 'bf16' } as const;
  const plan = planMemory({ ...deepseek, tensorParallel: 8 }, options);
  expect(plan.kvBytesPerToken).toBe(61 * 576 * 2);
});

// 62 layers of 16 KV heads of 128 elements of two bytes, a key and a value: 8,192 bytes each. Ten see
// everything, 52 the last 1,024 tokens.
test('vLLM keeps of layers with a window what the window holds', () => {
  const gemma = deploymentOn('h100', 'google/gemma-3-27b-it');
  const each = (engine: EngineName, requestTokens?: number) =>
    planMemory({ ...gemma, engine }, { ...options, ...(requestTokens && { requestTokens }) })
      .kvBytesPerToken;
  expect(each('vllm', 32_768)).toBeCloseTo(8192 * (10 + 52 / 32), 6);
  expect(each('vllm', 2048)).toBeCloseTo(8192 * (10 + 26), 6);
  expect(each('vllm', 1024)).toBe(8192 * 62);
  expect(each('vllm')).toBe(8192 * 62);
  expect(each('trtllm', 32_768)).toBe(8192 * 62);
});

test('a model that does not fit has no block, and a negative share says by how much', () => {
  const model = findModel('meta-llama/Llama-3.1-405B-Instruct')!;
  const plan = planMemory({ ...qwen, model }, options);
  expect(plan.kvBytes).toBeLessThan(0);
  expect(kvBlocks(plan, 64)).toBe(0);
});
