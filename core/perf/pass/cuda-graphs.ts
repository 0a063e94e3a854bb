import type { Gpu } from '../hardware/gpu.ts';
import { type EngineName, isPlain } from '../kernels/kernel-fits.ts';
import type { PassSums } from './pass-sums.ts';

/**
 * The passes that an engine has captured as CUDA graphs. A graph has a fixed number of tokens: a
 * smaller batch is filled up with requests that nobody reads. What was not captured is eager: the
 * host starts its kernels one by one.
 */
export interface CudaGraphs {
  /** Tokens of each graph, ascending; none where every pass is eager. */
  readonly sizes: readonly number[];
  /** Passes with prompts are captured, too, up to the largest size; else those that only decode. */
  readonly withPrompts: boolean;
}

/** What the lists of engines go by. */
export interface CaptureFacts {
  readonly engine: EngineName;
  readonly gpu: Gpu;
  readonly tensorParallel: number;
  /** Most requests in a pass. */
  readonly maxNumSeqs: number;
  /** The version is one that captures nothing, and starting kernels is part of what its host takes. */
  readonly startsKernels: boolean;
}

/** What an engine was told to capture: its own list, whatever comes, or these sizes. */
export type CaptureChoice = 'auto' | 'any' | 'none' | readonly number[];

/** An engine that was told to capture nothing. */
const EAGER: CudaGraphs = { sizes: [], withPrompts: false };

/**
 * The graphs of an engine, or undefined where passes take no notice of any: each as fast as if it was
 * captured as it is, or on a device without graphs.
 */
export function graphsFor(choice: CaptureChoice, facts: CaptureFacts): CudaGraphs | undefined {
  if (choice === 'any' || lacksGraphs(facts)) return undefined;
  if (choice === 'none') return EAGER;
  const sizes = choice === 'auto' ? SIZES[facts.engine](facts) : choice;
  const ascending = [...new Set(sizes)].sort((a, b) => a - b);
  // vLLM captures the pieces between attentions for any pass (cudagraph_mode FULL_AND_PIECEWISE).
  return { sizes: ascending, withPrompts: facts.engine === 'vllm' };
}

/** Whether an engine takes no graphs, whatever it is told: its version or its device has none. */
export function lacksGraphs({ gpu, startsKernels }: CaptureFacts): boolean {
  return startsKernels || isPlain(gpu);
}

/** Host time to start one kernel of an eager pass, measured of engines that start all (`../host`). */
export const LAUNCH_MS = 0.01;

/** What decides about the graph of a pass. */
export type TokensOfPass = Pick<PassSums, 'prefillTokens' | 'decodeRequests'>;

/** Tokens of the graph that a pass takes, the smallest that holds its own; undefined where it is eager. */
export function tokensOfGraph(
  graphs: CudaGraphs,
  { prefillTokens, decodeRequests }: TokensOfPass,
): number | undefined {
  const isCaptured = prefillTokens === 0 || graphs.withPrompts;
  return isCaptured ? nextSize(graphs, prefillTokens + decodeRequests) : undefined;
}

function nextSize({ sizes }: CudaGraphs, tokens: number): number | undefined {
  let low = 0;
  let high = sizes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sizes[middle]! < tokens) low = middle + 1;
    else high = middle;
  }
  return sizes[low];
}

const GIB = 2 ** 30;

/** Up to so much memory SGLang captures so many sequences, on fewer than four GPUs and on more. */
const SGLANG_MOST: readonly (readonly [gib: number, few: number, many: number])[] = [
  [20, 8, 8],
  [35, 24, 80],
  [60, 32, 160],
  [160, 256, 512],
];
const SGLANG_LARGE = 512;

/**
 * What an engine captures where nobody tells it: vLLM 1, 2, 4, every eighth to 256 and every
 * sixteenth to twice the sequences, 512 at most (vllm/config/vllm.py); SGLang a coarser list up to a
 * size by the memory of the GPU (sglang/srt/server_args.py); TensorRT-LLM, as its serving recipes ask
 * with enable_padding, 1, 2, 4, every eighth to 128 and every 64th to the sequences (llmapi/llm_args.py).
 */
const SIZES: Readonly<Record<EngineName, (facts: CaptureFacts) => readonly number[]>> = {
  vllm({ maxNumSeqs }) {
    const most = Math.min(2 * maxNumSeqs, 512);
    return upTo(most, [1, 2, 4, ...every(8, 8, 248), ...every(16, 256, most)]);
  },
  sglang({ gpu, tensorParallel }) {
    const row = SGLANG_MOST.find(([gib]) => gpu.memoryBytes < gib * GIB);
    const most = row?.[tensorParallel < 4 ? 1 : 2] ?? SGLANG_LARGE;
    return upTo(most, [1, 2, 4, 8, 12, ...every(8, 16, 256), ...every(16, 272, 512)]);
  },
  trtllm({ maxNumSeqs }) {
    const sizes = [1, 2, 4, ...every(8, 8, 128), ...every(64, 192, maxNumSeqs)];
    return [...upTo(maxNumSeqs, sizes), maxNumSeqs];
  },
};

/** from, from + step, … up to and including `to`. */
function every(step: number, from: number, to: number): number[] {
  const count = Math.max(0, Math.floor((to - from) / step) + 1);
  return Array.from({ length: count }, (_, index) => from + step * index);
}

function upTo(most: number, sizes: readonly number[]): number[] {
  return sizes.filter((size) => size <= most);
}
