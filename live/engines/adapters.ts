import type { EngineBackend } from '#core/config/serve/engine-list.ts';
import type { EngineAdapter } from './adapter.ts';
import { openai } from './openai.ts';
import { sglang } from './sglang.ts';
import { trtllm } from './trtllm.ts';
import { vllm } from './vllm.ts';

const ADAPTERS: Readonly<Record<EngineBackend, EngineAdapter>> = { vllm, sglang, trtllm, openai };

/** The adapter of a kind of engine. */
export function adapterOf(backend: EngineBackend): EngineAdapter {
  return ADAPTERS[backend];
}
