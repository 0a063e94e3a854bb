import type { EngineConfig } from './schema.ts';

/** The longest prompt that an engine can ever serve, and which of its limits says so. */
export interface PromptLimit {
  readonly tokens: number;
  /** The key of the limit. */
  readonly path: string;
  /** What the limit is of, as in "a prompt is longer than …". */
  readonly what: string;
  readonly remedy: string;
}

/** The narrowest of what bounds a prompt in an engine, whatever output is asked for. */
export function promptLimitOf(engine: EngineConfig): PromptLimit {
  const { backend, block_size, num_gpu_blocks, max_model_len, max_num_batched_tokens } = engine;
  const limits: PromptLimit[] = [
    {
      tokens: num_gpu_blocks * block_size,
      path: 'engine.num_gpu_blocks',
      what: `the KV cache of a worker (${num_gpu_blocks} blocks of ${block_size} tokens)`,
      remedy: 'raise it',
    },
  ];
  if (max_model_len !== undefined) {
    limits.push({
      tokens: max_model_len - 1,
      path: 'engine.max_model_len',
      what: `what the model reads before its first token (${max_model_len - 1} tokens)`,
      remedy: 'raise it, or leave it out',
    });
  }
  if (backend !== 'sglang' && !engine.enable_chunked_prefill) {
    limits.push({
      tokens: max_num_batched_tokens,
      path: 'engine.max_num_batched_tokens',
      what: `a pass (${max_num_batched_tokens} tokens), and prompts are not cut into chunks`,
      remedy: 'raise it, or set engine.enable_chunked_prefill to true',
    });
  }
  return limits.reduce((least, limit) => (limit.tokens < least.tokens ? limit : least));
}
