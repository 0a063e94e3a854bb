import type { PolicyFile, PolicyProfile } from './policy-schema.ts';

/** The classes for all models that have none of their own; undefined where a key of them is missing. */
export function rootProfile(file: PolicyFile): PolicyProfile | undefined {
  const { default_policy_family, uncached_isl_buckets, policy_classes } = file;
  if (default_policy_family === undefined) return undefined;
  if (uncached_isl_buckets === undefined || policy_classes === undefined) return undefined;
  return { default_policy_family, uncached_isl_buckets, policy_classes };
}
