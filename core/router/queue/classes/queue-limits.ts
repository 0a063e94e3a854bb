import { WindtunnelError } from '#core/base/errors.ts';
import type { PolicyClass } from './class-profile.ts';

/** What a class may not have more of waiting, by the names that errors and reports give it. */
export type LimitKind = 'requests' | 'raw_isl_tokens' | 'cached_tokens';

/** Why a request was not let into its class's queue. */
export interface QueueRejection {
  readonly policyClass: string;
  readonly limitKind: LimitKind;
  /** What was waiting, and the limit of all workers together. */
  readonly current: number;
  readonly limit: number;
}

/** What waits in a class, as far as limits bound it. */
export interface ClassUsage {
  readonly requests: number;
  readonly rawTokens: number;
  readonly cachedTokens: number;
}

/**
 * The first limit that what waits already has reached, or undefined. The request that comes is not
 * counted: the one that crosses a limit is let in, and the next is not.
 */
export function reachedLimit(
  policyClass: PolicyClass,
  usage: ClassUsage,
  workers: number,
): QueueRejection | undefined {
  const { name, requestLimitPerWorker, rawTokenLimitPerWorker } = policyClass;
  return (
    reached(name, 'requests', usage.requests, requestLimitPerWorker, workers) ??
    reached(name, 'raw_isl_tokens', usage.rawTokens, rawTokenLimitPerWorker, workers) ??
    reached(
      name,
      'cached_tokens',
      usage.cachedTokens,
      policyClass.cachedTokenLimitPerWorker,
      workers,
    )
  );
}

function reached(
  policyClass: string,
  limitKind: LimitKind,
  current: number,
  perWorker: number | undefined,
  workers: number,
): QueueRejection | undefined {
  if (perWorker === undefined) return undefined;
  const limit = perWorker * workers;
  return current < limit ? undefined : { policyClass, limitKind, current, limit };
}

/** The rejection as an error with its data; a frontend answers it with 529. */
export function queueRejectedError(rejection: QueueRejection): WindtunnelError {
  const { policyClass, limitKind, current, limit } = rejection;
  return new WindtunnelError(
    'router_queue_rejected',
    `the queue of policy class "${policyClass}" is full: ${current} ${limitKind} wait, the limit is ${limit}`,
    { policy_class: policyClass, limit_kind: limitKind, current, limit },
  );
}
