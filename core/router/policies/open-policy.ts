import { assert } from '#core/base/assert.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { AttributeTable } from '../eligibility/target-attributes.ts';
import type { Fleet } from '../fleet.ts';
import type { PrefixIndex } from '../index/prefix-index.ts';
import type { TierIndex } from '../index/tiers/tier-index.ts';
import type { RouterOptions } from '../options.ts';
import type { ActiveSequences } from '../sequences/active-sequences.ts';
import type { TermsTable } from '../terms-table.ts';
import type { UserPolicies } from '../user-policies.ts';
import { DeviceAwarePolicy } from './device-aware/device-aware.ts';
import { DirectPolicy } from './direct/direct.ts';
import { KvPolicy } from './kv/kv.ts';
import { QueryScores } from './kv/query-scores.ts';
import { LeastLoadedPolicy } from './least-loaded/least-loaded.ts';
import { PipelinePolicy } from './pipeline/pipeline.ts';
import { PowerOfTwoPolicy } from './power-of-two/power-of-two.ts';
import { RandomPolicy } from './random/random.ts';
import { RoundRobinPolicy } from './round-robin/round-robin.ts';
import type { RoutingPolicy } from './routing-policy.ts';

/** What a policy may look at. */
export interface PolicyParts {
  readonly fleet: Fleet;
  readonly attributes: AttributeTable;
  /** Who holds which prefix, as far as the router believes it. */
  readonly index: PrefixIndex;
  /** What is held outside device memory. */
  readonly tiers: TierIndex;
  readonly sequences: ActiveSequences;
  readonly terms: TermsTable;
  readonly forest: BlockForest;
  readonly stream: RandomStream;
}

/** The policy of the options' mode; `user` holds those of a user's file. */
export function openPolicy(
  options: RouterOptions,
  parts: PolicyParts,
  user: UserPolicies,
): RoutingPolicy {
  const { fleet, attributes, index, tiers, sequences, terms, forest, stream } = parts;
  switch (options.mode) {
    case 'kv_router':
      return new KvPolicy(options, forest, fleet, index, sequences, stream, terms, tiers);
    case 'policy': {
      assert(user.selection !== undefined, 'the mode policy needs a selection');
      const scores = new QueryScores(options, forest, fleet, index, sequences, terms, tiers);
      return new PipelinePolicy(user.selection, options, fleet, scores, sequences, stream);
    }
    case 'round_robin':
      return new RoundRobinPolicy(fleet, options.ranks ?? 1);
    case 'random':
      return new RandomPolicy(fleet, stream);
    case 'power_of_two':
      return new PowerOfTwoPolicy(fleet, sequences, stream);
    case 'least_loaded':
      return new LeastLoadedPolicy(sequences, stream);
    case 'direct':
      return new DirectPolicy();
    case 'device_aware_weighted': {
      const ratio = options.acceleratorToCpuRatio ?? 8;
      return new DeviceAwarePolicy(fleet, attributes, sequences, terms, stream, ratio);
    }
  }
}
