import { expect, test } from 'vitest';
import { findGpu } from '../hardware/find-gpu.ts';
import { findModel } from '../models/find-model.ts';
import { deploymentOn } from './deployment.fixture.ts';
import type { Deployment } from './deployment.ts';
import { ForwardPass, type OperatorTime } from './forward-pass.ts';
import { NO_REQUESTS, type PassSums } from './pass-sums.ts';

function deployment(changes: Partial<Deployment> = {}): Deployment {
  const split = {
    engine: 'trtllm',
    tensorParallel: 4,
    quantization: 'fp8',
    kvFormat: 'fp8',
  } as const;
  return deploymentOn('h200', 'meta-llama/Llama-3.1-70B-Instruct', { ...split, ...changes });
}

function prompts(requests: number, chunk: number, prefix = 0): PassSums {
  const prefillTokens = requests * chunk;
  const prefixTokens = requests * prefix;
  const prefillAttentionPairs = requests * chunk * (prefix + chunk / 2);
  return {
    ...NO_REQUESTS,
    prefillRequests: requests,
    prefillTokens,
    prefixTokens,
    prefillAttentionPairs,
  };
}

function decodes(requests: number, context: number): PassSums {
  return { ...NO_REQUESTS, decodeRequests: requests, decodeContextTokens: requests * context };
}

function groupMs(times: readonly OperatorTime[], group: OperatorTime['group']): number {
  return times.reduce((sum, time) => (time.group === group ? sum + time.ms : sum), 0);
}

// Whole passes composed of the same measured tables, by reference perf-fit.md §4: 195.3 ms with
// 115.3 of products, 51.6 of all-reduce, 15.6 of element-wise kernels and 12.4 of attention; 16.04 ms.
test('a prefill pass of 4,096 tokens of Llama 70B on four H200 is made of the parts that it should be', () => {
  const pass = new ForwardPass(deployment());
  const times = pass.operators(prompts(1, 4096));
  expect(pass.ms(prompts(1, 4096)) / 195.3).toBeCloseTo(1, 2);
  expect(groupMs(times, 'gemm') / 115.3).toBeCloseTo(1, 2);
  expect(groupMs(times, 'communication') / 51.6).toBeCloseTo(1, 2);
  expect(groupMs(times, 'other') / 15.6).toBeCloseTo(1, 2);
  expect(groupMs(times, 'attention') / 12.4).toBeCloseTo(1, 1);
  expect(pass.ms(decodes(64, 4096)) / 16.04).toBeCloseTo(1, 2);
});

test('operators add up to the pass', () => {
  const pass = new ForwardPass(deployment());
  const sums = { ...prompts(2, 300, 100), decodeRequests: 40, decodeContextTokens: 40_000 };
  const total = pass.operators(sums).reduce((sum, { ms }) => sum + ms, 0);
  expect(total).toBeCloseTo(pass.ms(sums), 9);
  expect(pass.ms(NO_REQUESTS)).toBe(0);
});

test('a cached prefix saves products, not the attention over it', () => {
  const pass = new ForwardPass(deployment());
  const cached = pass.ms(prompts(1, 512, 3584));
  expect(cached).toBeLessThan(pass.ms(prompts(1, 4096)) / 4);
  expect(cached).toBeGreaterThan(pass.ms(prompts(1, 512)));
});

test('layers with a window stop growing with the context', () => {
  const gemma = deployment({ model: findModel('google/gemma-3-27b-it')!, quantization: 'bf16' });
  const { window: _, ...full } = gemma.model.attention as { window?: unknown };
  const unbounded = { ...gemma.model, attention: full } as Deployment['model'];
  const windowed = new ForwardPass(gemma);
  const seeing = new ForwardPass({ ...gemma, model: unbounded });
  expect(windowed.ms(decodes(8, 512))).toBeCloseTo(seeing.ms(decodes(8, 512)), 9);
  expect(windowed.ms(decodes(8, 32_768))).toBeLessThan(seeing.ms(decodes(8, 32_768)));
});

test('with two pipeline stages a token passes all layers, in a batch of half the requests', () => {
  const model = findModel('meta-llama/Llama-3.1-8B-Instruct')!;
  const alone = { model, tensorParallel: 1, quantization: 'bf16', kvFormat: 'bf16' } as const;
  const one = new ForwardPass(deployment(alone));
  const two = new ForwardPass(deployment({ ...alone, pipelineParallel: 2 }));
  const step = 0.01 + (2 * 4 * 4096 * 1000) / 450e9;
  expect(two.ms(decodes(8, 1000))).toBeCloseTo(one.ms(decodes(4, 1000)) + step, 9);
  // No token comes before its weights have been read: 14.1 GB without the embedding, at 4.8 TB/s.
  expect(two.ms(decodes(1, 1))).toBeGreaterThan(14.1 / 4.8);
  // Two chunks follow each other through two stages.
  const prompt = one.ms(prompts(1, 4096));
  expect(two.ms(prompts(1, 4096)) / prompt).toBeCloseTo(0.75, 2);
});

// DeepSeek V3 on eight H200, each with attention of its own, the experts dealt out to all.
test('the prompt of one rank costs the experts its own tokens and those that the others decode', () => {
  const model = findModel('deepseek-ai/DeepSeek-V3')!;
  const alone = { model, tensorParallel: 1, quantization: 'fp8_block', kvFormat: 'bf16' } as const;
  const pass = new ForwardPass(deployment({ ...alone, dataParallel: 8, expertParallel: 8 }));
  const msOf = (name: string, sums: PassSums) =>
    pass.operators(sums).find((operator) => operator.name === name)!.ms;
  const beside = { ...prompts(1, 4096), otherTokens: 7 * 32 };
  // As many as when each of eight ranks decodes 540: 4,096 + 224 = 8 · 540.
  for (const name of ['experts', 'expert exchange']) {
    expect(msOf(name, beside)).toBeCloseTo(msOf(name, decodes(540, 1000)), 9);
    expect(msOf(name, prompts(1, 4096))).toBeGreaterThan(5 * msOf(name, beside));
  }
  const total = pass.operators(beside).reduce((sum, { ms }) => sum + ms, 0);
  expect(pass.ms(beside)).toBeCloseTo(total, 9);
});

// A layer reads 576 elements of two bytes of each cached token, at 80 % of 4.8 TB/s, and unpacks them.
test('latent attention unpacks keys and values of a cached prefix as it does those of new tokens', () => {
  const model = findModel('deepseek-ai/DeepSeek-V3')!;
  const split = { model, tensorParallel: 8, quantization: 'fp8_block', kvFormat: 'bf16' } as const;
  const pass = new ForwardPass(deployment({ ...split, engine: 'vllm' }));
  const msOf = (name: string, sums: PassSums) =>
    pass.operators(sums).find((operator) => operator.name === name)!.ms;
  // As many pairs in both, so that nothing but the prefix differs, and bytes decide.
  const few = { ...prompts(1, 16), prefillAttentionPairs: 1 };
  const cached = msOf('prefill attention', { ...few, prefixTokens: 8192 });
  const readMs = (61 * 8192 * 576 * 2 * 1000) / (0.8 * 4.8e12);
  const unpackMs = msOf('key and value up', prompts(1, 8192));
  expect(cached - msOf('prefill attention', few)).toBeCloseTo(readMs + unpackMs, 6);
});

test('of several ranks the exchange takes the place of the all-reduce after the experts', () => {
  const model = findModel('deepseek-ai/DeepSeek-V3')!;
  const reduces = (dataParallel: number) => {
    const split = { model, tensorParallel: 4, dataParallel, quantization: 'fp8_block' } as const;
    const times = new ForwardPass(deployment({ ...split, kvFormat: 'bf16' })).operators(
      decodes(8, 100),
    );
    return times.find(({ name }) => name === 'all-reduce')!.count;
  };
  // 61 layers, 58 of them with experts.
  expect([reduces(1), reduces(2)]).toEqual([122, 64]);
});

test('where no kernel was measured, the closest GPU is scaled, and it is said so', () => {
  const { fits } = new ForwardPass(deployment({ gpu: findGpu('h20-sxm')! }));
  expect([fits.provenance, fits.measuredOn]).toEqual(['spec-scaled', 'h200-sxm']);
  expect(new ForwardPass(deployment()).fits.provenance).toBe('fitted');
});

test('TensorRT-LLM quantises the activations of blocks with kernels of its own', () => {
  const blocks = { tensorParallel: 1, quantization: 'fp8_block' } as const;
  const own = new ForwardPass(deployment(blocks)).operators(decodes(64, 100));
  const kernels = own.filter(({ name }) => name.startsWith('quantise'));
  // 80 layers: hidden 8,192 twice, heads 64 · 128, intermediate 28,672; 3 bytes an element at 80 %
  // of 4.8 TB/s, and 3 µs to start each.
  const bytes = 3 * 64 * (2 * 8192 + 8192 + 28_672);
  const layerMs = (bytes * 1000) / (0.8 * 4.8e12) + 4 * 0.003;
  expect(kernels.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(80 * layerMs, 6);
  const vllm = new ForwardPass(deployment({ ...blocks, engine: 'vllm' }));
  expect(vllm.operators(decodes(64, 100)).some(({ name }) => name.startsWith('quantise'))).toBe(
    false,
  );
});
