import { z } from 'zod';
import { count, describe } from './describe.ts';

function rate() {
  return z.number().positive().max(1e6);
}

/** What a user says of a GPU that is not built in; rates dense and in one direction. */
const ownGpuSchema = z.strictObject({
  name: describe(z.string().min(1).default('own'), { effect: 'What reports call it.' }),
  architecture: describe(z.string().min(1).default('unknown'), {
    effect: 'Which measured kernels stand for its own: sm80, sm89, sm90, sm100, sm103, sm120.',
    source: 'CUDA compute capability',
  }),
  memory_gib: describe(rate(), { effect: 'Memory.', unit: 'GiB' }),
  memory_gb_s: describe(rate(), { effect: 'Bandwidth of the memory.', unit: 'GB/s' }),
  bf16_tflops: describe(rate(), { effect: 'Peak of 16-bit products.', unit: 'TFLOP/s' }),
  fp8_tflops: describe(rate().exactOptional(), {
    effect: 'Peak of fp8 products.',
    unit: 'TFLOP/s',
    whenAbsent: 'it has none',
  }),
  int8_tflops: describe(rate().exactOptional(), {
    effect: 'Peak of int8 products.',
    unit: 'TFLOP/s',
    whenAbsent: 'it has none',
  }),
  fp4_tflops: describe(rate().exactOptional(), {
    effect: 'Peak of fp4 products.',
    unit: 'TFLOP/s',
    whenAbsent: 'it has none',
  }),
  processors: describe(count().max(100_000), {
    effect: 'Streaming multiprocessors, or what comes closest: as many tiles run at once.',
  }),
  link_gb_s: describe(rate().default(64), {
    effect: 'To another GPU of the node, in one direction; PCIe 5.0 ×16 by default.',
    unit: 'GB/s',
  }),
  nic_gb_s: describe(rate().default(50), {
    effect: 'To another node, in one direction; 400 Gb/s by default.',
    unit: 'GB/s',
  }),
  gpus_per_node: describe(count().max(1024).default(8), { effect: 'GPUs of a node.' }),
});

/** A GPU of the user's own, as it is written. */
export type OwnGpu = z.output<typeof ownGpuSchema>;

/** The GPU of the workers: the name of a built-in one, or what is known of another. */
export function gpuSchema() {
  return describe(z.union([z.string().min(1), ownGpuSchema]).exactOptional(), {
    effect:
      'GPU of the workers: a built-in one by name, such as h100-sxm, or what your own can do.',
    source: 'AIConfigurator --system',
    whenAbsent: 'no GPU; engine.timing.type model needs one',
  });
}
