import type { EngineConfig } from '#core/config/schema.ts';
import type { CompatSwitches } from '../../cluster/compat.ts';
import type { EngineSettings } from '../rank/engine-settings.ts';
import type { VllmSettings } from './settings.ts';

/** What the scheduler of vLLM, or of TensorRT-LLM, is set to. */
export function openVllmSettings(
  common: EngineSettings,
  engine: EngineConfig,
  compat: CompatSwitches,
): VllmSettings {
  const trtllm = engine.backend === 'trtllm';
  const poolTokens = common.numGpuBlocks * common.blockSize;
  return {
    ...common,
    maxSequenceTokens: trtllm ? Math.min(common.maxModelLen, poolTokens) : common.maxModelLen,
    maxNumBatchedTokens: engine.max_num_batched_tokens,
    fullHits: trtllm,
    reservesOutput: trtllm && engine.capacity_scheduler_policy === 'guaranteed_no_evict',
    chunkedPrefill: engine.enable_chunked_prefill,
    byPriority: engine.scheduling_policy === 'priority',
    victim: victimOf(engine),
    prefillInterval: engine.prefill_schedule_interval,
    freeRecompute: compat.freeRecompute,
    passesOver: compat.passesOver,
    burstsFromPrefill:
      compat.burstsFromPrefill &&
      engine.num_speculative_tokens !== undefined &&
      common.role !== 'prefill',
  };
}

/** With vLLM's priorities the least gives way; TensorRT-LLM's order the queue alone. */
function victimOf({
  backend,
  scheduling_policy,
  preemption_mode,
}: EngineConfig): VllmSettings['victim'] {
  if (backend === 'vllm' && scheduling_policy === 'priority') return 'least';
  return preemption_mode === 'lifo' ? 'newest' : 'oldest';
}
