import type { EngineConfig } from '#core/config/schema.ts';
import type { EngineName } from '#core/perf/kernels/kernel-fits.ts';
import type { ServerSettings } from './load-point.ts';

/** The keys of the config's `engine` section that make its scheduler that of a server. */
export function serverEngine(
  backend: EngineName,
  server: ServerSettings,
  kvBlocks: number,
): Partial<EngineConfig> {
  return {
    backend,
    num_gpu_blocks: kvBlocks,
    block_size: server.blockSize,
    max_num_seqs: server.maxNumSeqs,
    enable_prefix_caching: server.prefixCaching,
    stream_interval: server.streamInterval ?? 1,
    ...(backend === 'sglang'
      ? { chunked_prefill_size: server.maxBatchedTokens }
      : {
          max_num_batched_tokens: server.maxBatchedTokens,
          enable_chunked_prefill: server.chunkedPrefill,
        }),
  };
}
