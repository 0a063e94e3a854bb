import { expect, test } from 'vitest';
import { findGpu } from '../hardware/find-gpu.ts';
import { AllReduceTime } from './all-reduce.ts';
import { ContextAttentionTime } from './context-attention.ts';
import { elementWiseMs } from './element-wise.ts';
import { ExpertsTime } from './experts.ts';
import { GemmTime } from './gemm.ts';
import { GenerationAttentionTime } from './generation-attention.ts';
import { ResidualGrid } from './residual-grid.ts';

const h200 = findGpu('h200')!;

test('a small product is bound by its weights, a large one by its operations', () => {
  const gemm = new GemmTime(h200, 'bf16', { c: [0.8, 0.5, 0.003, 0] });
  // 2·4096·4096 + 2·4096 + 2·4096 bytes at half of 4.8 GB/ms.
  expect(gemm.ms(1, 4096, 4096)).toBeCloseTo(33_570_816 / 2.4e9 + 0.003, 9);
  // 2·8192·4096·4096 operations at 0.8 of 989 TFLOP/s.
  expect(gemm.ms(8192, 4096, 4096)).toBeCloseTo(274_877_906_944 / 0.7912e12 + 0.003, 6);
  expect(gemm.ms(0, 4096, 4096)).toBe(0);
});

test('quantising activations costs its bytes', () => {
  const plain = new GemmTime(h200, 'fp8', { c: [0.8, 0.5, 0, 0] });
  const paid = new GemmTime(h200, 'fp8', { c: [0.8, 0.5, 0, 10] });
  expect(paid.ms(64, 4096, 4096) - plain.ms(64, 4096, 4096)).toBeCloseTo(
    (10 * 64 * 4096) / 4.8e9,
    9,
  );
});

test('a residual is linear between knots and constant beyond them', () => {
  const two = { first: 0, last: 1, count: 2 };
  const grid = new ResidualGrid([two, two, two], [0, 10, 20, 30, 40, 50, 60, 70]);
  expect(grid.factor(0, 0, 1)).toBeCloseTo(Math.exp(0.1), 12);
  expect(grid.factor(0, 1, 0)).toBeCloseTo(Math.exp(0.2), 12);
  expect(grid.factor(1, 0, 0)).toBeCloseTo(Math.exp(0.4), 12);
  expect(grid.factor(0.5, 0.5, 0.5)).toBeCloseTo(Math.exp(0.35), 12);
  expect(grid.factor(9, 9, 9)).toBeCloseTo(Math.exp(0.7), 12);
});

test('attention of a prompt takes the operations that causality leaves', () => {
  const heads = { heads: 32, kvHeads: 8, headDim: 128 };
  // All of the peak, no floor, no waves, no bytes that matter.
  const time = new ContextAttentionTime(h200, heads, 2, { c: [1, 1000, 0, 1, 0, 0, 0] });
  const ms = time.ms(1, 8192, 0, (8192 * 8192) / 2);
  expect(ms).toBeCloseTo((2 * 8192 ** 2 * 32 * 128) / 989e9, 3);
});

test('tiles of a layer with a window walk no further than it reaches', () => {
  const heads = { heads: 32, kvHeads: 8, headDim: 128 };
  const time = new ContextAttentionTime(h200, heads, 2, { c: [1, 1, 0, 1, 0, 0, 0.001] });
  const whole = time.ms(1, 8192, 0, 1e6);
  // 64 tiles of 128 rows, or the eight of 1,024 tokens, at a microsecond each.
  expect(whole - time.ms(1, 8192, 0, 1e6, 1024)).toBeCloseTo(0.056, 9);
});

test('attention of decoding requests reads their keys and values', () => {
  const heads = { heads: 32, kvHeads: 8, headDim: 128 };
  const time = new GenerationAttentionTime(h200, heads, 2, { c: [1, 0, 0, 1, 1e9, 0, 0, 1] });
  const context = 64 * 4096;
  const bytes = 4 * 64 * 32 * 128 + 2 * 8 * context * 128 * 2;
  expect(time.ms(64, context)).toBeCloseTo(bytes / 4.8e9, 9);
  expect(time.ms(0, 0)).toBe(0);
});

test('every term of the formula of prompts counts: short ones, waves of tiles, bytes, tiles', () => {
  const heads = { heads: 32, kvHeads: 8, headDim: 128 };
  const c = [0.5, 0.25, 0.01, 2, 100, 0.5, 0.001];
  const time = new ContextAttentionTime(h200, heads, 2, { c });
  // Two prompts of 1,000 tokens, of which 200 lie in the cache: 800·(200 + 400) pairs each.
  const pairs = 2 * 800 * 600;
  // 7 tiles of 128 rows in each of 2·32 heads on 132 processors: 3.39 waves, which take 4.
  const wave = Math.sqrt(4 / ((2 * 32 * 7) / 132));
  const busy = ((4 * pairs * 32 * 128) / 989e9 / 0.5) * 1.1 * wave;
  const memory = (4 * 1600 * 32 * 128 + 4 * 2000 * 8 * 128) / 4.8e9 / 0.25;
  const wanted = 0.01 + Math.hypot(busy, memory) + (0.001 * 800) / 128;
  expect(time.ms(2, 1600, 400, pairs)).toBeCloseTo(wanted, 9);
});

test('every term of the formula of decoding requests counts: ramp, operations, tiles', () => {
  const heads = { heads: 32, kvHeads: 8, headDim: 128 };
  const c = [0.5, 0.01, 0.02, 0.1, 0.25, 0.003, 0.5, 2];
  const time = new GenerationAttentionTime(h200, heads, 2, { c });
  const memory = (4 * 64 * 32 * 128 + 4 * 8 * 128_000 * 128) / 4.8e9;
  const compute = (4 * 32 * 128 * 128_000) / 989e9;
  const ramp = (0.02 * memory) / (memory + 0.1);
  const tiles = 0.003 * ((64 * 8) / 132 - 0.5);
  const wanted = 0.01 + ramp + Math.hypot(memory / 0.5, compute / 0.25) + tiles;
  expect(time.ms(64, 128_000)).toBeCloseTo(wanted, 9);
  // Four requests have fewer tiles than are free.
  const few = (4 * 4 * 32 * 128 + 4 * 8 * 8000 * 128) / 4.8e9;
  const alone = Math.hypot(few / 0.5, (4 * 32 * 128 * 8000) / 989e9 / 0.25);
  expect(time.ms(4, 8000)).toBeCloseTo(0.01 + (0.02 * few) / (few + 0.1) + alone, 9);
});

test('an all-reduce is read off its curve on logarithms, and by the formula where there is none', () => {
  const curve = [
    [100, 10_000],
    [0.01, 1],
  ] as const;
  const read = new AllReduceTime(h200, 4, [0, 0, 1, 1, 1, 8], curve);
  expect(read.ms(1000)).toBeCloseTo(0.1, 9);
  expect(read.ms(10)).toBe(0.01);
  expect(read.ms(1_000_000)).toBeCloseTo(100, 6);
  // One shot would send 3 times the bytes, two shots 1.5 times: the smaller wins at a high norm.
  const formula = new AllReduceTime(h200, 4, [0, 0, 1, 1, 1, 100]);
  expect(formula.ms(45_000_000)).toBeCloseTo((1.5 * 90e6) / 450e6, 2);
  expect(new AllReduceTime(h200, 1, [1, 1, 1, 1, 1, 1]).ms(5)).toBe(0);
});

test('few tokens read only the experts that they visit', () => {
  const experts = { layers: 1, count: 64, perToken: 2, intermediate: 1024, sharedIntermediate: 0 };
  const alone = { tensorParallel: 1, expertParallel: 1, imbalance: 1 };
  const time = new ExpertsTime(h200, 'bf16', experts, 2048, alone);
  const matrix = 3 * 2048 * 1024;
  // Two visits of 64: 64·(1 − (63/64)²) = 1.984 experts; activations of two rows.
  const bytes = 64 * (1 - (63 / 64) ** 2) * matrix * 2 + 2 * (2048 + 1024) * 4;
  expect(time.ms(1)).toBeCloseTo(bytes / (4.8e9 * 0.815) + 0.012, 9);
});

test('a kernel without arithmetic takes its bytes at 80 % of the bandwidth, and 3 µs', () => {
  expect(elementWiseMs(h200, 3_840_000)).toBeCloseTo(0.001 + 0.003, 9);
});
