import { assertDefined } from '#core/base/assert.ts';
import type { PolicyClassEntry, PolicyFile } from '#core/config/policy-file/policy-schema.ts';
import { rootProfile } from '#core/config/policy-file/root-profile.ts';
import type { ClassProfile, PolicyClass } from './class-profile.ts';

/**
 * The classes of a policy file: those of the model, where it has any of its own, else those for all
 * models. A resolved config has seen to it that there are some.
 */
export function profileOfPolicy(policy: PolicyFile, model: string | undefined): ClassProfile {
  const own = model === undefined ? undefined : policy.models?.[model];
  const profile = assertDefined(own ?? rootProfile(policy), 'the policy file has classes');
  return {
    defaultFamily: profile.default_policy_family,
    buckets: profile.uncached_isl_buckets.map(({ bucket, min_tokens }) => {
      return { name: bucket, minTokens: min_tokens };
    }),
    classes: profile.policy_classes.map(classOf),
  };
}

function classOf(entry: PolicyClassEntry): PolicyClass {
  const { name, quantum, queue_policy: queuePolicy } = entry;
  const optional = {
    family: entry.policy_family,
    bucket: entry.cache_bucket,
    busyThresholdTokens: entry.prefill_busy_threshold,
    busyThresholdFraction: entry.prefill_busy_threshold_frac,
    requestLimitPerWorker: entry.request_queue_limit_per_worker,
    rawTokenLimitPerWorker: entry.raw_isl_token_queue_limit_per_worker,
    cachedTokenLimitPerWorker: entry.cached_token_queue_limit_per_worker,
  };
  const given = Object.fromEntries(
    Object.entries(optional).filter(([, value]) => value !== undefined),
  );
  return { name, quantum, queuePolicy, ...given };
}
