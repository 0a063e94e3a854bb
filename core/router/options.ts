import type { Ns } from '#core/base/time.ts';
import type { OmittedTerm } from './cost/cost-model.ts';
import type { DisaggregationOptions } from './disaggregation/options.ts';
import type { BusyThresholds } from './eligibility/overload/thresholds.ts';
import type { TargetAttributes } from './eligibility/target-attributes.ts';
import type { ApproximateOptions } from './index/approximate/open-routed-index.ts';
import type { ClassProfile } from './queue/classes/class-profile.ts';
import type { QueuePolicyName } from './queue/queue-policy.ts';
import type { SearchLimits } from './selection/search-limits.ts';
import type { PrefillLoadOptions } from './sequences/prefill-load/prefill-load-model.ts';

/** How a target is chosen. */
export type RouterMode =
  | 'kv_router'
  | 'round_robin'
  | 'random'
  | 'power_of_two'
  | 'least_loaded'
  /** The caller names the target. */
  | 'direct'
  | 'device_aware_weighted'
  /** The selection of a user's file. */
  | 'policy';

/** Whether the mode looks at prefixes, and at loads in blocks and tokens. */
export function isInformed(mode: RouterMode): boolean {
  return mode === 'kv_router' || mode === 'policy';
}

/** Which release's cost the KV mode uses. */
export type CostModelName = 'current' | 'v1.0';

/** What the targets do: the cost treats pools that decode differently from prefill pools. */
export type PoolRole = 'aggregated' | 'prefill' | 'decode';

/** Everything that a router is told at its start. Validated where the user's config is read. */
export interface RouterOptions {
  readonly mode: RouterMode;
  readonly costModel: CostModelName;
  readonly overlapScoreCredit: number;
  readonly overlapScoreCreditDecay: number;
  readonly prefillLoadScale: number;
  readonly decodeActiveRequestWeight: number;
  /** A term that the current cost leaves out, though it is tracked; none when absent. */
  readonly costWithout?: OmittedTerm;
  /** What a block in host memory is worth, in blocks of prefill; 0.75 when absent. */
  readonly hostCacheHitWeight?: number;
  /** The same for disk and external storage; 0.25 when absent. */
  readonly diskCacheHitWeight?: number;
  /** The same for the shared cache; 0 when absent. */
  readonly sharedCacheMultiplier?: number;
  /** 0 = the least cost; above 0 a draw by softmax. */
  readonly temperature: number;
  /** Fraction of maxNumBatchedTokens above which a target counts as busy; undefined = no queue. */
  readonly queueThreshold: number | undefined;
  readonly queuePolicy: QueuePolicyName;
  /** Queues of their own for classes of requests; threshold and policy above then mean nothing. */
  readonly classes?: ClassProfile;
  /** Whether a class spends what it has earned before the next is served; true when absent. */
  readonly classBursts?: boolean;
  /**
   * A request that has waited longer than this is looked up again before a target is chosen for it;
   * never when absent.
   */
  readonly overlapRefreshAfterNs?: Ns;
  readonly trackActiveBlocks: boolean;
  readonly trackPrefillTokens: boolean;
  /** Blocks of generated tokens count as load too, as `outputProgress` tells of them; false when absent. */
  readonly trackOutputBlocks?: boolean;
  /** The router has no KV events and believes its own decisions, until they are forgotten. */
  readonly approximate?: ApproximateOptions | undefined;
  /** With KV events, its own decisions count too for so long. */
  readonly predictedTtlNs?: Ns | undefined;
  /** Requests of equal prompts share blocks; true when absent. */
  readonly assumeKvReuse?: boolean;
  /** Prompt tokens under way count in full when absent. */
  readonly prefillLoad?: PrefillLoadOptions;
  /** A request is no load any more when it has been active for so long; never when absent. */
  readonly requestExpiryNs?: Ns | undefined;
  /** Tokens of a block. */
  readonly blockSize: number;
  readonly maxNumBatchedTokens: number;
  /** The router starts with targets 0…targets−1. */
  readonly targets: number;
  /** Targets of a worker, which stand in a row: its ranks; 1 when absent. */
  readonly ranks?: number;
  /** aggregated when absent. */
  readonly pool?: PoolRole;
  /** Attributes of the first targets, by id; those without have neutral ones. */
  readonly attributes?: readonly TargetAttributes[];
  /** From which load a target is overloaded; never without a threshold. */
  readonly busyThresholds?: BusyThresholds;
  /** How long a session's requests go to the target of its last one; no sessions when absent. */
  readonly sessionAffinityTtlNs?: Ns;
  /** How many requests an accelerator is worth for one on a CPU, in that mode; 8 when absent. */
  readonly acceleratorToCpuRatio?: number;
  /** `explainLast` tells of every decision of the KV mode; false when absent. */
  readonly explains?: boolean;
  /** `explainLast` names the peer that holds a longer beginning of the prompt; false when absent. */
  readonly routerHints?: boolean;
  /** KV blocks of one target; unknown when absent. */
  readonly totalKvBlocks?: number;
  /** How it is decided where prompts are prefilled; a router of a decode pool alone is asked. */
  readonly disaggregation?: DisaggregationOptions;
  /** Those that were measured when absent; tests lower them. */
  readonly searchLimits?: SearchLimits;
}
