import type { RandomStream } from '#core/base/random.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { SessionAffinity } from './affinity/session-affinity.ts';
import { Decider } from './decider.ts';
import { ConditionalDisaggregation } from './disaggregation/conditional.ts';
import { Eligibility } from './eligibility/eligibility.ts';
import { OverloadMonitor } from './eligibility/overload/overload-monitor.ts';
import { Fleet } from './fleet.ts';
import type { NodeHolds, RoutedIndex } from './index/approximate/routed-index.ts';
import { believedIndex, routedIndex } from './index/believed-index.ts';
import { OwnershipIndex } from './index/ownership.ts';
import { TierIndex } from './index/tiers/tier-index.ts';
import { isInformed, type RouterOptions } from './options.ts';
import { openPolicy } from './policies/open-policy.ts';
import type { RoutingPolicy } from './policies/routing-policy.ts';
import { RouterQueue } from './queue/router-queue.ts';
import { ActiveSequences } from './sequences/active-sequences.ts';
import { sequenceOptions } from './sequences/request-load.ts';
import { TermsTable } from './terms-table.ts';
import type { UserPolicies } from './user-policies.ts';

/** What a router is made of, put together as its options say. */
export class RouterParts {
  readonly fleet = new Fleet();
  readonly terms = new TermsTable();
  /** Who holds which prefix in device memory, as events tell it. */
  readonly index = new OwnershipIndex();
  /** What is held outside device memory. */
  readonly tiers = new TierIndex();
  readonly sequences: ActiveSequences;
  readonly overload: OverloadMonitor;
  readonly eligibility: Eligibility;
  readonly policy: RoutingPolicy;
  /** The policy looks at prefixes, and at loads in blocks and tokens. */
  readonly informed: boolean;
  /** What the router has decided itself, where it believes that. */
  readonly routed: RoutedIndex | undefined;
  readonly affinity: SessionAffinity | undefined;
  /** What the policy draws from. */
  readonly stream: RandomStream;
  /** Absent where it is not asked where prompts are prefilled. */
  readonly disaggregation: ConditionalDisaggregation | undefined;
  readonly decider: Decider;
  /** Absent where nobody ever waits. */
  readonly queue: RouterQueue | undefined;

  constructor(
    options: RouterOptions,
    forest: BlockForest,
    stream: RandomStream,
    holds: NodeHolds,
    policies: UserPolicies,
  ) {
    const { fleet, terms, tiers } = this;
    this.informed = isInformed(options.mode);
    this.sequences = new ActiveSequences(forest, sequenceOptions(options));
    this.overload = new OverloadMonitor(options.busyThresholds ?? {}, options);
    this.eligibility = new Eligibility(fleet, terms, this.overload);
    if (this.informed) this.routed = routedIndex(options, forest, holds);
    const index = believedIndex(options, this.index, this.routed);
    const { sequences, eligibility } = this;
    const { attributes } = eligibility;
    const seen = { fleet, attributes, index, tiers, sequences, terms, forest, stream };
    this.policy = openPolicy(options, seen, policies);
    const { sessionAffinityTtlNs: ttlNs } = options;
    if (ttlNs !== undefined) this.affinity = new SessionAffinity(ttlNs);
    this.stream = stream;
    const { disaggregation, totalKvBlocks } = options;
    if (disaggregation !== undefined) {
      const decode = { policy: this.policy, sequences, totalKvBlocks };
      const { disaggregate: rule } = policies;
      this.disaggregation = new ConditionalDisaggregation(disaggregation, decode, rule);
    }
    this.decider = new Decider(options, this);
    const queues = options.queueThreshold !== undefined || options.classes !== undefined;
    if (this.informed && queues) {
      this.queue = new RouterQueue(options, fleet, eligibility, sequences, policies.queueOrder);
    }
  }
}
