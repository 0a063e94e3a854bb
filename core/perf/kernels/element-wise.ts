import type { Gpu } from '../hardware/gpu.ts';

/** Share of the bandwidth that kernels without arithmetic reach, and what starting one costs. */
const MEMORY_SHARE = 0.8;
const LAUNCH_MS = 0.003;

/** Milliseconds of a kernel that reads and writes so many bytes and computes next to nothing. */
export function elementWiseMs(gpu: Gpu, bytes: number): number {
  return (bytes * 1000) / (gpu.memoryBytesPerS * MEMORY_SHARE) + LAUNCH_MS;
}
