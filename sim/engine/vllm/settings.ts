import type { Ns } from '#core/base/time.ts';
import type { EvictionScore } from '#core/kv/extents/order/eviction-score.ts';

/** Settings of a worker with the scheduler of vLLM or TensorRT-LLM, checked by core/config. Token and block counts. */
export interface VllmSettings {
  /** Ranks of a worker, each with a scheduler and blocks of its own. */
  readonly dataParallelSize: number;
  readonly blockSize: number;
  readonly numGpuBlocks: number;
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  /** Infinite when the model sets no limit. */
  readonly maxModelLen: number;
  readonly prefixCaching: boolean;
  /** A prompt that is cached whole is not computed at all: its request decodes at once. */
  readonly fullHits: boolean;
  /** Outputs are cut off where prompt and output would be longer; infinite without such a limit. */
  readonly maxSequenceTokens: number;
  /** Requests come in only when their whole output fits, so that nobody has to give way. */
  readonly reservesOutput: boolean;
  readonly chunkedPrefill: boolean;
  readonly preemptionMode: 'lifo' | 'fifo';
  /** What keeping cached blocks is worth; absent where those unused for longest go first. */
  readonly evictionScore: EvictionScore | undefined;
  /**
   * Speculative decoding: for each draft, the probability that it is accepted when all before it
   * were. Absent without.
   */
  readonly speculation: readonly number[] | undefined;
  /** Step every pass instead of leaping. */
  readonly exactStepping: boolean;
  /** Somebody listens to KV events, so a leap may not run past a pass that evicts. */
  readonly publishesEvents: boolean;
  /** When the run is cut off; infinite when nothing cuts it. */
  readonly endNs: Ns;
  /** See `CompatSwitches`. */
  readonly freeRecompute: boolean;
  /** See `CompatSwitches`. */
  readonly passesOver: boolean;
  /** See `CompatSwitches`. */
  readonly burstsFromPrefill: boolean;
}
