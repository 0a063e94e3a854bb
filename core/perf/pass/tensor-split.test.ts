import { expect, test } from 'vitest';
import { deploymentOn } from './deployment.fixture.ts';
import { nearestSplit, tensorSplitFault, tensorSplits } from './tensor-split.ts';
import { findUneven } from './uneven.ts';

const SMALL = 'Qwen/Qwen2.5-7B-Instruct';

test('KV heads are divided by the GPUs, or divide them', () => {
  // 28 attention heads, 4 KV heads, an intermediate size of 18,944.
  expect(findUneven(deploymentOn('h100-sxm', SMALL, { tensorParallel: 7 }))).toEqual({
    axis: 'tensor',
    why: `the 4 KV heads of ${SMALL} cannot be shared evenly`,
    received: 7,
    allowed: '1, 2, 4',
    nearest: 4,
  });
  // 64 attention heads share 8 KV heads: 16 GPUs keep each of those twice.
  const wide = deploymentOn('h100-sxm', 'Qwen/Qwen3-32B', { tensorParallel: 16 });
  expect(tensorSplitFault(wide)).toBeUndefined();
});

test('vLLM shares the vocabulary in whole parts of 64 tokens, the others pad it further', () => {
  // 40 attention heads, 10 KV heads, 17,920 wide, a vocabulary of 100,352 = 2048 × 49.
  const five = { tensorParallel: 5 };
  expect(tensorSplitFault(deploymentOn('h100-sxm', 'microsoft/phi-4', five))).toBe(
    'the vocabulary of 100352, padded to 100352, of microsoft/phi-4 cannot be shared evenly',
  );
  const sglang = deploymentOn('h100-sxm', 'microsoft/phi-4', { ...five, engine: 'sglang' });
  expect(tensorSplitFault(sglang)).toBeUndefined();
  expect(tensorSplits(sglang)).toEqual([1, 2, 5]);
});

test('dense layers and experts are shared by their width', () => {
  const base = deploymentOn('h100-sxm', 'Qwen/Qwen3-32B', { tensorParallel: 8 });
  const narrow = { ...base, model: { ...base.model, intermediate: 25_604 } };
  expect(tensorSplitFault(narrow)).toMatch(/^the intermediate size of 25604 of /);
  const mixed = deploymentOn('h100-sxm', 'Qwen/Qwen3-30B-A3B', { tensorParallel: 4 });
  const experts = { ...mixed.model.experts!, intermediate: 770 };
  const odd = { ...mixed, model: { ...mixed.model, experts } };
  expect(tensorSplitFault(odd)).toMatch(/^the experts' intermediate size of 770 of /);
  // Dealt out whole, experts keep their width.
  expect(tensorSplitFault({ ...odd, expertParallel: 4 })).toBeUndefined();
});

test('of two splits equally near the larger is named', () => {
  expect(nearestSplit([1, 2, 4, 8], 6)).toBe(8);
  expect(nearestSplit([1, 2, 4, 8], 3)).toBe(4);
  expect(nearestSplit([], 3)).toBeUndefined();
});
