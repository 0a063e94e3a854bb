// What `llm-windtunnel/policy` exports: all that a policy file may need. Its declarations are
// published as they are, so that nothing here or below imports by a # alias.

import type { EvictionRun, EvictionScore } from '../kv/extents/order/eviction-score.ts';
import { currentCost } from '../router/cost/current/current.ts';
import type {
  DisaggregationRequest,
  DisaggregationRule,
} from '../router/disaggregation/user-disaggregation/disaggregation-rule.ts';
import type {
  Candidate,
  CustomPicker,
  Filter,
  FleetFacts,
  MaxScorePicker,
  Picker,
  PolicyInput,
  PolicyRandom,
  RandomPicker,
  RouteRequest,
  Scorer,
  Selection,
  SelectionExport,
  SoftmaxPicker,
  WeightedRandomPicker,
} from '../router/policies/pipeline/selection.ts';
import type { QueueOrder, WaitingRequest } from '../router/queue/user-order/queue-order.ts';

export type {
  Candidate,
  CustomPicker,
  DisaggregationRequest,
  DisaggregationRule,
  EvictionRun,
  EvictionScore,
  Filter,
  FleetFacts,
  Picker,
  PolicyInput,
  PolicyRandom,
  QueueOrder,
  RouteRequest,
  Scorer,
  Selection,
  SelectionExport,
  WaitingRequest,
};

/** Types a selection, for `export const selection`; gives it back as it is. */
export function defineSelection<Given extends SelectionExport>(selection: Given): Given {
  return selection;
}

/** Types a queue order, for `export const queueOrder`; gives it back as it is. */
export function defineQueueOrder(order: QueueOrder): QueueOrder {
  return order;
}

/** Types an eviction score, for `export const eviction`; gives it back as it is. */
export function defineEviction(score: EvictionScore): EvictionScore {
  return score;
}

/** Types a disaggregation rule, for `export const disaggregate`; gives it back as it is. */
export function defineDisaggregation(rule: DisaggregationRule): DisaggregationRule {
  return rule;
}

/** The greatest score wins; equal ones are drawn for. What a selection without a picker does. */
export function maxScore(): MaxScorePicker {
  return { kind: 'max-score' };
}

/** Any candidate, whatever its score. */
export function uniform(): RandomPicker {
  return { kind: 'random' };
}

/** A draw in proportion to the scores; those at 0 and below have no chance beside others. */
export function weightedRandom(): WeightedRandomPicker {
  return { kind: 'weighted-random' };
}

/** A draw among good scores; `temperature` above 0 is the share of their range that is forgiven. */
export function softmax(temperature: number): SoftmaxPicker {
  return { kind: 'softmax', temperature };
}

/** The weights of the KV router's cost, with the names and the meaning of its config keys. */
export interface KvCostWeights {
  /** 1 when absent. */
  readonly overlapScoreCredit?: number;
  /** 1 when absent. */
  readonly prefillLoadScale?: number;
  /** 0 when absent. */
  readonly decodeActiveRequestWeight?: number;
}

/** The cost of the KV router, in blocks, as a scorer: to be used with terms of one's own. */
export function kvCost(weights: KvCostWeights = {}): Scorer {
  const { overlapScoreCredit = 1, prefillLoadScale = 1, decodeActiveRequestWeight = 0 } = weights;
  const score = (candidate: Candidate, request: RouteRequest): number => {
    const cost = {
      overlapScoreCredit,
      overlapScoreCreditDecay: 0,
      prefillLoadScale,
      decodeActiveRequestWeight,
      blockSize: request.blockSize,
      trackPrefillTokens: true,
      decodes: true,
      without: undefined,
    };
    return -currentCost(
      cost,
      request.inputTokens,
      candidate.cachedBlocks,
      candidate.activePrefillTokens,
      0,
      candidate.activeBlocks + candidate.additionalBlocks,
      candidate.activeRequests,
    );
  };
  return { name: 'kv cost', score };
}
