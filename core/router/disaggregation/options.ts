import { assert } from '#core/base/assert.ts';
import type { UserSource } from '#core/base/user-code.ts';
import { DecodeGuard } from './decode-guard/decode-guard.ts';
import type { DisaggregationPolicy } from './disaggregation-policy.ts';
import { IslBounding, type IslBounds } from './isl-bounding/isl-bounding.ts';
import { IslOrLoad } from './isl-or-load/isl-or-load.ts';
import { PrefillLoad } from './prefill-load/prefill-load.ts';
import { SelfTuning, type SelfTuningOptions } from './self-tuning/self-tuning.ts';
import type { DisaggregationRule } from './user-disaggregation/disaggregation-rule.ts';
import { UserDisaggregation } from './user-disaggregation/user-disaggregation.ts';

/** A policy with its knobs. */
export type DisaggregationChoice =
  | ({ readonly policy: 'isl_bounding' } & IslBounds)
  | { readonly policy: 'prefill_load'; readonly prefillBusyTokens: number }
  | ({ readonly policy: 'isl_or_load'; readonly prefillBusyTokens: number } & IslBounds)
  | ({ readonly policy: 'self_tuning' } & SelfTuningOptions)
  | { readonly policy: 'policy' };

/** How it is decided where a prompt is prefilled. */
export type DisaggregationOptions = DisaggregationChoice & {
  /** Part of a decode worker's KV blocks that a bypass may fill; no guard when absent. */
  readonly decodeBusyThreshold?: number;
};

/** The rule of a user's file, and where it stands. */
export interface UserRule {
  readonly rule: DisaggregationRule;
  readonly source: UserSource;
}

/** The policy that the options name, behind its guard; `user` is there where they name `policy`. */
export function openDisaggregation(
  options: DisaggregationOptions,
  user?: UserRule,
): DisaggregationPolicy {
  const policy = openChoice(options, user);
  const { decodeBusyThreshold } = options;
  return decodeBusyThreshold === undefined ? policy : new DecodeGuard(policy, decodeBusyThreshold);
}

function openChoice(
  options: DisaggregationChoice,
  user: UserRule | undefined,
): DisaggregationPolicy {
  switch (options.policy) {
    case 'isl_bounding':
      return new IslBounding(options);
    case 'prefill_load':
      return new PrefillLoad(options.prefillBusyTokens);
    case 'isl_or_load':
      return new IslOrLoad(new IslBounding(options), new PrefillLoad(options.prefillBusyTokens));
    case 'self_tuning':
      return new SelfTuning(options);
    case 'policy':
      assert(user !== undefined, 'a rule of a user is there where it is asked for');
      return new UserDisaggregation(user.rule, user.source);
  }
}
