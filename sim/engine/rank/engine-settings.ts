import type { Ns } from '#core/base/time.ts';
import type { EvictionScore } from '#core/kv/extents/order/eviction-score.ts';
import type { WorkerRole } from './worker-role.ts';

/** What every scheduler is set to, checked by core/config. Token and block counts. */
export interface EngineSettings {
  readonly role: WorkerRole;
  /** Ranks of a worker, each with a scheduler and blocks of its own. */
  readonly dataParallelSize: number;
  readonly blockSize: number;
  readonly numGpuBlocks: number;
  readonly maxNumSeqs: number;
  /** Infinite when the model sets no limit. */
  readonly maxModelLen: number;
  /** Outputs are cut off where prompt and output would be longer; infinite without such a limit. */
  readonly maxSequenceTokens: number;
  readonly prefixCaching: boolean;
  /** A request that gets its prompt from another worker takes over the blocks that are cached here. */
  readonly reusesAtDestination: boolean;
  /** See `CompatSwitches.freeRecompute`: what such a request computes again costs nothing. */
  readonly freePrefill: boolean;
  /** See `CompatSwitches`. */
  readonly grantsOneByOne: boolean;
  /**
   * Which cached blocks go first: those worth least by a score, or touched longest ago; absent where
   * it is those that were let go longest ago.
   */
  readonly evictionOrder: EvictionScore | 'last-touch' | undefined;
  /**
   * Speculative decoding: for each draft, the probability that it is accepted when all before it
   * were. Absent without.
   */
  readonly speculation: readonly number[] | undefined;
  /** Tokens that are sent to a client together, the first one apart. */
  readonly streamInterval: number;
  /** Decoding requests have room for the token that the pass gives them, too: 1, or 0 without. */
  readonly tokensAhead: 0 | 1;
  /** Somebody asks how many passes have ended since a worker had nothing to do. */
  readonly countsPasses: boolean;
  /** Step every pass instead of leaping. */
  readonly exactStepping: boolean;
  /** Somebody listens to KV events, so a leap may not run past a pass that evicts. */
  readonly publishesEvents: boolean;
  /** When the run is cut off; infinite when nothing cuts it. */
  readonly endNs: Ns;
}
