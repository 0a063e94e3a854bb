import type { EngineName } from '../kernels/kernel-fits.ts';
import type { Deployment } from '../pass/deployment.ts';
import { kvBytesPerToken } from './kv-bytes.ts';
import { weightBytesPerGpu } from './weights.ts';

const MIB = 2 ** 20;

/** Where the memory of one GPU goes, in bytes. */
export interface MemoryPlan {
  readonly totalBytes: number;
  readonly weightBytes: number;
  /** Of a pass with as many tokens as the budget allows. */
  readonly activationBytes: number;
  /** CUDA context, captured graphs, workspaces, buffers of collectives. */
  readonly runtimeBytes: number;
  /** What is left for the KV cache by the engine's own rule; negative where the model does not fit. */
  readonly kvBytes: number;
  /** On average over a request of the length that was asked for. */
  readonly kvBytesPerToken: number;
}

export interface MemoryOptions {
  /** Tokens of the largest pass. */
  readonly maxBatchedTokens: number;
  /** Share of memory that the engine may use; what it is a share of depends on the engine. */
  readonly memoryFraction: number;
  /** Length of the requests that the cache holds, of which layers with a window keep its end; unknown where absent. */
  readonly requestTokens?: number;
}

/** The share that an engine takes where nothing else is said. */
export const DEFAULT_MEMORY_FRACTION: Readonly<Record<EngineName, number>> = {
  vllm: 0.9,
  sglang: 0.88,
  trtllm: 0.9,
};

/** Runtime of an engine on one GPU, without collectives; CUDA graphs included. */
const RUNTIME_BYTES = 3584 * MIB;
const LEAST_ACTIVATION_BYTES = 70 * MIB;

/** Buffers of the collectives of a tensor-parallel group. */
function collectiveBytes(group: number): number {
  if (group === 1) return 0;
  return (group === 2 ? 342 : 392) * MIB;
}

/** Widths of the residual stream that live at once, by how far tensor parallelism splits them. */
const ACTIVATION_WIDTHS: readonly (readonly [number, number, number])[] = [
  // group, dense, with experts
  [1, 11, 22],
  [2, 6.5, 13],
  [4, 5, 10],
];

function activationBytes({ model, tensorParallel }: Deployment, tokens: number): number {
  const { attention, experts } = model;
  const width = attention.heads * (attention.kind === 'gqa' ? attention.headDim : attention.keyDim);
  const [, dense, mixed] = ACTIVATION_WIDTHS.findLast(([group]) => group <= tensorParallel)!;
  const widths = experts === undefined ? dense : mixed;
  return Math.max(LEAST_ACTIVATION_BYTES, 2 * tokens * width * widths);
}

/**
 * How the memory of a GPU is shared out. vLLM and SGLang may use a fraction of all memory, weights,
 * activations and runtime included; TensorRT-LLM gives the cache a fraction of what those leave.
 * Activations and runtime are the allowances of AIConfigurator's memory model (reference
 * aiconfigurator.md §2).
 */
export function planMemory(deployment: Deployment, options: MemoryOptions): MemoryPlan {
  const { gpu, engine, tensorParallel } = deployment;
  const weightBytes = weightBytesPerGpu(deployment);
  const activations = activationBytes(deployment, options.maxBatchedTokens);
  const runtimeBytes = RUNTIME_BYTES + collectiveBytes(tensorParallel);
  const others = weightBytes + activations + runtimeBytes;
  const total = gpu.memoryBytes;
  const kvBytes =
    engine === 'trtllm'
      ? (total - others) * options.memoryFraction
      : total * options.memoryFraction - others;
  return {
    totalBytes: total,
    weightBytes,
    activationBytes: activations,
    runtimeBytes,
    kvBytes,
    kvBytesPerToken: kvBytesPerToken(deployment, options.requestTokens),
  };
}

/** Whole blocks of `blockSize` tokens that a plan's KV cache holds; 0 where nothing is left. */
export function kvBlocks(
  { kvBytes, kvBytesPerToken: each }: MemoryPlan,
  blockSize: number,
): number {
  return Math.max(0, Math.floor(Math.floor(kvBytes / each) / blockSize));
}
