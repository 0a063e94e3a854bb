import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import type { UserSource } from '#core/base/user-code.ts';
import { isRecord } from '#core/config/key-schema.ts';
import type { EvictionScore } from '../kv/extents/order/eviction-score.ts';
import { userEvictionScore } from '../kv/extents/order/user-score.ts';
import type { UserRule } from '../router/disaggregation/options.ts';
import type { DisaggregationRule } from '../router/disaggregation/user-disaggregation/disaggregation-rule.ts';
import type { SelectionPolicy } from '../router/policies/pipeline/user-selection.ts';
import type { QueueScore } from '../router/queue/queue-policy.ts';
import type { QueueOrder } from '../router/queue/user-order/queue-order.ts';
import { userQueueScore } from '../router/queue/user-order/user-order.ts';
import type { UserPolicies } from '../router/user-policies.ts';
import { checkSelection } from './selection-shape.ts';
import { badShape } from './shape.ts';

/** The policies of a file, each absent where the file has none. */
export interface PolicyFile extends UserPolicies {
  /** What keeping KV blocks is worth, for the workers. */
  readonly eviction?: EvictionScore;
}

/** What a policy file may export. */
const EXPORTS = ['selection', 'queueOrder', 'eviction', 'disaggregate'] as const;

/**
 * Reads what a module exports as policies. Throws `policy_invalid` for an export that is unknown or
 * of the wrong shape, with its place, and where there is none.
 */
export function readPolicyExports(
  exports: Readonly<Record<string, unknown>>,
  source: UserSource,
): PolicyFile {
  const names = Object.keys(exports).sort();
  for (const name of names) refuseUnknown(name, exports[name], source);
  if (names.length === 0) {
    throw new InputError('policy_invalid', 'exports no policy', {
      file: source.file,
      allowed: EXPORTS.map((name) => `export const ${name} = …`).join(' or '),
    });
  }
  const { selection, queueOrder, eviction, disaggregate } = exports;
  return {
    ...(selection !== undefined && { selection: readSelection(selection, source) }),
    ...(queueOrder !== undefined && { queueOrder: readQueueOrder(queueOrder, source) }),
    ...(eviction !== undefined && { eviction: readEviction(eviction, source) }),
    ...(disaggregate !== undefined && { disaggregate: readRule(disaggregate, source) }),
  };
}

function readSelection(selection: unknown, source: UserSource): SelectionPolicy {
  const checkShape = (made: unknown) => checkSelection(made, source);
  if (typeof selection === 'function') {
    return { source, selection: selection as () => never, checkShape };
  }
  if (!isRecord(selection)) {
    throw badShape(source, 'selection', selection, 'a selection, or a function that makes one');
  }
  return { source, selection: checkShape(selection), checkShape };
}

function readQueueOrder(order: unknown, source: UserSource): QueueScore {
  if (typeof order !== 'function') {
    throw badShape(source, 'queueOrder', order, 'a function of a waiting request');
  }
  return userQueueScore(order as QueueOrder, source);
}

function readEviction(score: unknown, source: UserSource): EvictionScore {
  if (typeof score !== 'function') {
    throw badShape(source, 'eviction', score, 'a function of a run of inactive blocks');
  }
  return userEvictionScore(score as EvictionScore, source);
}

function readRule(rule: unknown, source: UserSource): UserRule {
  if (typeof rule !== 'function') {
    throw badShape(
      source,
      'disaggregate',
      rule,
      'a function of a request that gives true or false',
    );
  }
  return { rule: rule as DisaggregationRule, source };
}

function refuseUnknown(name: string, value: unknown, source: UserSource): void {
  if (EXPORTS.some((known) => known === name)) return;
  const nearest = nearestName(name, EXPORTS);
  throw new InputError('policy_invalid', 'unknown export', {
    ...source.placeOf(value),
    path: name,
    allowed: EXPORTS.join(', '),
    ...(nearest === undefined ? {} : { nearest }),
    remedy: 'what the policies share need not be exported',
  });
}
