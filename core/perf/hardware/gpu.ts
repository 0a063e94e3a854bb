/** Number formats that a matrix unit computes in. */
export type ComputeFormat = 'bf16' | 'fp8' | 'int8' | 'fp4';

/**
 * What one accelerator can do at best, and what it costs. Rates are per second, dense (no
 * structured sparsity), one direction where a link has two.
 */
export interface Gpu {
  /** What the config calls it. */
  readonly name: string;
  readonly title: string;
  /** Which kernels it runs: NVIDIA's compute capability, or the vendor's architecture. */
  readonly architecture: string;
  /** As the driver reports it, in bytes. */
  readonly memoryBytes: number;
  readonly memoryBytesPerS: number;
  /** Peak rate of multiply-adds, each two operations; formats that it cannot compute in are absent. */
  readonly flopsPerS: Readonly<Partial<Record<ComputeFormat, number>>> & { readonly bf16: number };
  /** Streaming multiprocessors, or what comes closest. */
  readonly processors: number;
  /** To another GPU of the same node. */
  readonly linkBytesPerS: number;
  /** To another node. */
  readonly nicBytesPerS: number;
  readonly gpusPerNode: number;
  /** On demand, of one GPU, in a public cloud; a user's own price overrides it. */
  readonly usdPerHour: number;
  readonly idleW: number;
  readonly peakW: number;
  /** Where the numbers come from. */
  readonly source: string;
}
