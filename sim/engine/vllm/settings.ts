import type { EngineSettings } from '../rank/engine-settings.ts';

/** Settings of a worker with the scheduler of vLLM or TensorRT-LLM, checked by core/config. */
export interface VllmSettings extends EngineSettings {
  readonly maxNumBatchedTokens: number;
  /** A prompt that is cached whole is not computed at all: its request decodes at once. */
  readonly fullHits: boolean;
  /** Requests come in only when their whole output fits, so that nobody has to give way. */
  readonly reservesOutput: boolean;
  readonly chunkedPrefill: boolean;
  /** Requests come in by their priority, not in the order in which they came. */
  readonly byPriority: boolean;
  /** Who gives way: the newest running request, the oldest, or the one that matters least. */
  readonly victim: 'newest' | 'oldest' | 'least';
  /** Prompts are computed in every pass of this number, and when nobody decodes. */
  readonly prefillInterval: number;
  /** See `CompatSwitches`. */
  readonly freeRecompute: boolean;
  /** See `CompatSwitches`. */
  readonly passesOver: boolean;
  /** See `CompatSwitches`. */
  readonly burstsFromPrefill: boolean;
}
