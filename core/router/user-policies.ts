import type { UserRule } from './disaggregation/options.ts';
import type { SelectionPolicy } from './policies/pipeline/user-selection.ts';
import type { QueueScore } from './queue/queue-policy.ts';

/** What a user's file brings to a router; the options say which of it is used. */
export interface UserPolicies {
  /** For the mode `policy`. */
  readonly selection?: SelectionPolicy;
  /** For the queue policy `policy`. */
  readonly queueOrder?: QueueScore;
  /** For the disaggregation policy `policy`. */
  readonly disaggregate?: UserRule;
}
