import type { Gpu } from '#core/perf/hardware/gpu.ts';
import type { EngineName } from '#core/perf/kernels/kernel-fits.ts';
import { DEFAULT_MEMORY_FRACTION } from '#core/perf/memory/memory.ts';
import type { ServerSettings } from './load-point.ts';

const GIB = 2 ** 30;

/** GPUs with more memory get the larger batches. */
const LARGE_BYTES = 70 * GIB;

/** Tokens of a KV block. */
const BLOCK_SIZE: Readonly<Record<EngineName, number>> = { vllm: 16, sglang: 64, trtllm: 32 };

/**
 * What `serve` of an engine sets where the user says nothing. vLLM and SGLang go by the memory of the
 * GPU: vLLM takes 1,024 sequences and 8,192 tokens a pass from 70 GiB on, 256 and 2,048 below and on
 * A100 (vllm/engine/arg_utils.py); SGLang prefills 8,192 tokens at a time there, 4,096 below, and
 * keeps room for that many tokens' activations and its CUDA graphs (sglang/srt/server_args.py).
 */
export function serverDefaults(engine: EngineName, gpu: Gpu): ServerSettings {
  const large = gpu.memoryBytes >= LARGE_BYTES;
  const common = {
    memoryFraction: DEFAULT_MEMORY_FRACTION[engine],
    prefixCaching: true,
    chunkedPrefill: true,
    blockSize: BLOCK_SIZE[engine],
  };
  switch (engine) {
    case 'vllm': {
      const many = large && !/^a100/.test(gpu.name);
      return { ...common, maxNumSeqs: many ? 1024 : 256, maxBatchedTokens: many ? 8192 : 2048 };
    }
    case 'sglang':
      return { ...common, maxNumSeqs: 4096, maxBatchedTokens: large ? 8192 : 4096 };
    case 'trtllm':
      return { ...common, maxNumSeqs: 2048, maxBatchedTokens: 8192 };
  }
}
