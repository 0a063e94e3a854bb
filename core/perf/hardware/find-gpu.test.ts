import { expect, test } from 'vitest';
import { findGpu, nearestGpu } from './find-gpu.ts';
import { GPUS } from './gpus.ts';

test.each([
  ['h100-sxm', 'h100-sxm'],
  ['H100', 'h100-sxm'],
  ['NVIDIA H100-SXM-80GB (DGX-H100)', 'h100-sxm'],
  ['b200_sxm', 'b200-sxm'],
  ['A100 (memory size not in the row)', 'a100-sxm'],
  ['GB200', 'gb200'],
  ['AMD MI300X', 'mi300x'],
])('%s is %s', (written, name) => {
  expect(findGpu(written)?.name).toBe(name);
});

test('an unknown GPU is none, and the nearest name is offered', () => {
  expect(findGpu('h1000')).toBeUndefined();
  expect(nearestGpu('h200-smx')).toBe('h200-sxm');
  expect(nearestGpu('h900')).toMatch(/^h[12]00-sxm$/);
  expect(nearestGpu('abacus')).toBeUndefined();
});

test("a user's own GPU comes before a built-in one of the same name", () => {
  const own = { ...GPUS[0]!, name: 'h100-sxm', title: 'ours' };
  expect(findGpu('h100-sxm', [own])?.title).toBe('ours');
});

test('every GPU has a name of its own and figures above 0', () => {
  expect(new Set(GPUS.map((gpu) => gpu.name)).size).toBe(GPUS.length);
  for (const gpu of GPUS) {
    const { memoryBytes, memoryBytesPerS, flopsPerS, linkBytesPerS, nicBytesPerS, usdPerHour } =
      gpu;
    const figures = [memoryBytes, memoryBytesPerS, linkBytesPerS, nicBytesPerS, usdPerHour];
    for (const figure of [...figures, ...Object.values(flopsPerS)]) {
      expect(figure).toBeGreaterThan(0);
    }
    expect(gpu.peakW).toBeGreaterThan(gpu.idleW);
  }
});
