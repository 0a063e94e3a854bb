import type { Calibration } from '#core/perf/calibration/calibration-file.ts';
import type { HostTime } from '#core/perf/host/host-time.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';

/** Lengths in tokens: one, any of a range, or as often as a histogram says. */
export type Lengths =
  | { readonly kind: 'fixed'; readonly tokens: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'histogram';
      readonly edges: readonly number[];
      readonly counts: readonly number[];
    };

/** How requests come. */
export type Load =
  /** So many clients, each sends when its last request has ended; `spread` begins in mid-flight. */
  | { readonly kind: 'closed'; readonly concurrency: number; readonly start: 'together' | 'spread' }
  | {
      readonly kind: 'open';
      readonly requestRate: number;
      readonly arrivals: 'constant' | 'poisson';
      /** Requests that are under way at most; what is due beyond waits outside, unmeasured. */
      readonly maxConcurrency?: number;
    }
  /** All at once. */
  | { readonly kind: 'burst' };

/** Settings of the server that decide who is in a pass; the engine's own where absent. */
export interface ServerSettings {
  readonly maxNumSeqs: number;
  readonly maxBatchedTokens: number;
  readonly memoryFraction: number;
  readonly prefixCaching: boolean;
  readonly chunkedPrefill: boolean;
  /** Prompts are computed in passes of their own, before anybody decodes: vLLM's first engine. */
  readonly promptsFirst?: boolean;
  /** Decoding requests are in the passes of prompts: SGLang's `enable_mixed_chunk`. */
  readonly mixesPrompts?: boolean;
  /** Passes for which a prompt waits for others to be computed with it (`batch-wait.ts`). */
  readonly batchWaitPasses?: number;
  readonly blockSize: number;
  /** Tokens that a client gets together, the first one apart; 1 where absent. */
  readonly streamInterval?: number;
  /** KV blocks of one rank; by the memory plan where absent. */
  readonly kvBlocks?: number;
}

/** One question: this deployment under this load. */
export interface LoadPoint {
  readonly deployment: Deployment;
  readonly server: ServerSettings;
  readonly host: HostTime;
  readonly load: Load;
  /** Requests that count. */
  readonly requests: number;
  readonly isl: Lengths;
  readonly osl: Lengths;
  /** Distinct prompts that repeat; absent where no two are alike. */
  readonly distinctPrompts?: number;
  /** After so long a client gives up; for ever where absent. */
  readonly clientTimeoutMs?: number;
  /** Where GPU and host are as measurements of the user's own say. */
  readonly calibration?: Calibration;
  readonly seed: number;
}
