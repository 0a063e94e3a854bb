import { expect, test } from 'vitest';
import { findGpu } from '../hardware/find-gpu.ts';
import { findModel } from '../models/find-model.ts';
import { type CaptureFacts, graphsFor, tokensOfGraph } from './cuda-graphs.ts';
import { deploymentOn } from './deployment.fixture.ts';
import type { Deployment } from './deployment.ts';
import { ForwardPass } from './forward-pass.ts';
import { decodeSums, NO_REQUESTS, promptSums } from './pass-sums.ts';

const FACTS: CaptureFacts = {
  engine: 'vllm',
  gpu: findGpu('h100-sxm')!,
  tensorParallel: 1,
  maxNumSeqs: 256,
  startsKernels: false,
};

function sizesOf(changes: Partial<CaptureFacts>): readonly number[] {
  return graphsFor('auto', { ...FACTS, ...changes })!.sizes;
}

test('vLLM captures every eighth size to 256, then every sixteenth, to twice its sequences', () => {
  const sizes = sizesOf({});
  expect(sizes.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 24]);
  expect(sizes.slice(-2)).toEqual([496, 512]);
  expect(sizes).toHaveLength(3 + 31 + 17);
  expect(sizesOf({ maxNumSeqs: 10 })).toEqual([1, 2, 4, 8, 16]);
});

test('SGLang goes by the memory of the GPU and by how many share a layer', () => {
  const mostOf = (gpu: string, tensorParallel: number) =>
    sizesOf({ engine: 'sglang', gpu: findGpu(gpu)!, tensorParallel }).at(-1);
  expect([mostOf('l4', 1), mostOf('l4', 4)]).toEqual([24, 80]);
  expect([mostOf('h100-sxm', 2), mostOf('h100-sxm', 8)]).toEqual([256, 512]);
});

test('TensorRT-LLM captures what it can run, its own limit included', () => {
  expect(sizesOf({ engine: 'trtllm', maxNumSeqs: 300 }).slice(-5)).toEqual([
    120, 128, 192, 256, 300,
  ]);
});

test('a pass takes the next larger graph, and none beyond the largest', () => {
  const graphs = graphsFor([8, 1, 4, 4], FACTS)!;
  expect(graphs.sizes).toEqual([1, 4, 8]);
  const sizes = [1, 2, 4, 5, 8, 9].map((decodeRequests) =>
    tokensOfGraph(graphs, { prefillTokens: 0, decodeRequests }),
  );
  expect(sizes).toEqual([1, 4, 4, 8, 8, undefined]);
});

test.each<[Parameters<typeof graphsFor>[0], Partial<CaptureFacts>]>([
  ['any', {}],
  ['none', { startsKernels: true }],
  ['auto', { gpu: findGpu('xeon-amx-core')! }],
])('%j of %j takes no notice of graphs', (choice, changes) => {
  expect(graphsFor(choice, { ...FACTS, ...changes })).toBeUndefined();
});

const MODEL = 'meta-llama/Llama-3.1-8B-Instruct';

function passOf(changes: Partial<Deployment>): ForwardPass {
  return new ForwardPass(deploymentOn('h100', MODEL, changes));
}

test('a batch computes the tokens of its graph; attention and head stay those of its requests', () => {
  const plain = passOf({});
  const padded = passOf({ graphs: { sizes: [32, 48], withPrompts: false } });
  const sums = decodeSums(33, 33 * 1000);
  const seen = new Set(['decode attention', 'output head']);
  const msOf = (tokens: number, ofRequests: boolean) =>
    plain
      .operators(decodeSums(tokens, tokens * 1000))
      .filter(({ name }) => seen.has(name) === ofRequests)
      .reduce((sum, { ms }) => sum + ms, 0);
  expect(padded.ms(sums)).toBeCloseTo(msOf(48, false) + msOf(33, true), 9);
  expect(padded.ms(decodeSums(32, 32_000))).toBe(plain.ms(decodeSums(32, 32_000)));
});

test('an eager pass never ends before the host has started its kernels', () => {
  const model = findModel('meta-llama/Llama-3.2-1B-Instruct')!;
  const eager = passOf({ model, graphs: { sizes: [], withPrompts: false } });
  // 16 layers of qkv, attention out, rotation, cache write, up, activation, down, two norms and
  // attention, the embedding and the head: 162 kernels of 10 µs.
  expect(eager.ms(decodeSums(1, 100))).toBeCloseTo(1.62, 9);
  const times = eager.operators(decodeSums(1, 100));
  expect(times.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(1.62, 9);
  expect(times.some(({ name }) => name === 'waiting for the host')).toBe(true);
  // With enough to do, the host is ahead.
  const plain = passOf({ model });
  expect(eager.ms(promptSums(4096))).toBe(plain.ms(promptSums(4096)));
});

test('vLLM runs prompts in graphs as well, SGLang only who decodes', () => {
  const sizes = [512];
  const mixed = { ...promptSums(100), decodeRequests: 8, decodeContextTokens: 800 };
  const tokensOf = (engine: 'vllm' | 'sglang') => {
    const graphs = graphsFor(sizes, { ...FACTS, engine })!;
    const pass = passOf({ engine, graphs });
    return pass.operators(mixed).find(({ name }) => name === 'up')!.ms;
  };
  const upOf = (tokens: number) =>
    passOf({})
      .operators({ ...NO_REQUESTS, prefillTokens: tokens, prefillRequests: 1 })
      .find(({ name }) => name === 'up')!.ms;
  expect(tokensOf('vllm')).toBeCloseTo(upOf(512), 9);
  expect(tokensOf('sglang')).toBeCloseTo(upOf(108), 9);
});
