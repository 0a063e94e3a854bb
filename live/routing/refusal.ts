import { OUTCOMES } from '#core/router/decisions.ts';
import type { QueueRejection } from '#core/router/queue/classes/queue-limits.ts';
import { RouteRefused } from './route-ask.ts';

const MESSAGES: Readonly<Record<string, string>> = {
  no_endpoints: 'no engine that may serve this request is there',
  pinned_worker_not_allowed: 'the worker that the request names is not there, or not for it',
  queue_rejected: 'too many requests wait already',
  all_eligible_workers_overloaded: 'every engine that may serve this request is overloaded',
  pinned_worker_overloaded: 'the worker that the request names is overloaded',
  all_eligible_workers_filtered: 'the policy lets no engine serve this request',
  no_target_named: 'the router is in direct mode, and the request names no worker',
};

/** Why a router has turned a request away, by the code of the outcome. */
export function refusalOf(outcome: number, rejection: QueueRejection | undefined): RouteRefused {
  const { name, httpStatus } = OUTCOMES[outcome]!;
  const message = MESSAGES[name] ?? name;
  const limit =
    name === 'queue_rejected' && rejection !== undefined ? ` (${rejectionText(rejection)})` : '';
  return new RouteRefused(name, httpStatus, `${message}${limit}`);
}

function rejectionText({ policyClass, limitKind, current, limit }: QueueRejection): string {
  return `class ${policyClass}: ${current} ${limitKind} wait of ${limit}`;
}

/** The worker that a request names has several ranks, and the request names none of them. */
export function needsRank(name: string, ranks: number): RouteRefused {
  const message = `engine ${name} has ranks 0 to ${ranks - 1}; a pin has to name one of them`;
  return new RouteRefused('pin_needs_rank', 400, message);
}
