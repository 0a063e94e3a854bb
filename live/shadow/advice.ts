import type { MessagePort } from 'node:worker_threads';
import type { ResolvedConfig } from '#core/config/schema.ts';

/** A policy that is flown beside the current one. */
export interface AdvisedPolicy {
  readonly name: string;
  /** The file that it is from; absent of the current one. */
  readonly file?: string;
  /** The run of the shadow with this policy in front of its engines. */
  readonly config: ResolvedConfig;
}

/** What a policy would have given, and how that compares with the current one as the shadow flies it. */
export interface AdvisedMetric {
  readonly value: number;
  /** Policy ÷ current, with its 95 % interval where there is one. */
  readonly ratio?: number;
  readonly low?: number;
  readonly high?: number;
  readonly verdict?: 'better' | 'worse' | 'no_difference_detected' | 'not_assessed';
}

/** The metrics that are told, by the names that a comparison has for them. */
export const ADVISED_METRICS = [
  'ttft_ms_mean',
  'e2e_ms_mean',
  'output_throughput_tok_s',
  'prefix_cache_reused_ratio',
] as const;

export type AdvisedMetricKey = (typeof ADVISED_METRICS)[number];

/** All policies over the same arrivals; the first is the current one. */
export interface Advice {
  /** Requests that all of them completed, those that warm up left out. */
  readonly requests: number;
  /** From the first arrival to the last. */
  readonly span_s: number;
  readonly policies: readonly {
    readonly name: string;
    readonly file?: string;
    readonly metrics: Readonly<Partial<Record<AdvisedMetricKey, AdvisedMetric>>>;
  }[];
}

/** A request that arrived at the router, and what became of it. */
export interface Arrival {
  readonly arrivedNs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly hashes: BigUint64Array;
  readonly priority: number;
  readonly strictPriority: number;
  readonly tenant?: string;
  readonly policyClass?: string;
}

/** What the thread that flies policies is started with. */
export interface AdviseTask {
  readonly policies: readonly AdvisedPolicy[];
  /** Brings arrivals, a list of them at a time; answered, with anything, when they have been flown. */
  readonly arrivals: MessagePort;
}
