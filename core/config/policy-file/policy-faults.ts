import { nearestName } from '#core/base/nearest.ts';
import { formatPath, type PathPart } from '../key-schema.ts';
import type { PolicyClassEntry, PolicyFile, PolicyProfile } from './policy-schema.ts';
import { rootProfile } from './root-profile.ts';

/** What is wrong between values that are fine alone. */
export interface PolicyFault {
  /** Inside the policy file, such as `policy_classes[2].cache_bucket`. */
  readonly path: string;
  readonly problem: string;
  readonly received?: unknown;
  readonly allowed?: string;
  readonly nearest?: string;
  readonly remedy?: string;
}

/** All contradictions of a policy file, in the order of its keys. */
export function policyFaults(file: PolicyFile): readonly PolicyFault[] {
  const root = rootProfile(file);
  const models = Object.entries(file.models ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const begun = ROOT_KEYS.some((key) => file[key] !== undefined);
  const needsRoot = begun || models.length === 0;
  return [
    ...(root === undefined ? [] : profileFaults(root, [])),
    ...(root === undefined && needsRoot ? [incomplete(file)] : []),
    ...models.flatMap(([model, profile]) => profileFaults(profile, ['models', model])),
  ];
}

const ROOT_KEYS = ['default_policy_family', 'uncached_isl_buckets', 'policy_classes'] as const;

function incomplete(file: PolicyFile): PolicyFault {
  const missing = ROOT_KEYS.find((key) => file[key] === undefined) ?? 'policy_classes';
  return {
    path: missing,
    problem: 'missing',
    remedy: `a policy file has ${ROOT_KEYS.join(', ')}, or models that have them`,
  };
}

function profileFaults(profile: PolicyProfile, at: readonly PathPart[]): readonly PolicyFault[] {
  const bucketFaults = faultsOfBuckets(profile, at);
  const classFaults = faultsOfClasses(profile, at);
  // What is missing from the matrix says nothing while its rows and columns are in doubt.
  const matrix = [...bucketFaults, ...classFaults].length > 0 ? [] : faultsOfMatrix(profile, at);
  return [...bucketFaults, ...classFaults, ...matrix];
}

function faultsOfBuckets(
  { uncached_isl_buckets: buckets }: PolicyProfile,
  at: readonly PathPart[],
): readonly PolicyFault[] {
  const seen = new Set<string>();
  return buckets.flatMap(({ min_tokens, bucket }, index): PolicyFault[] => {
    const path = (key: string): string => formatPath([...at, 'uncached_isl_buckets', index, key]);
    const before = buckets[index - 1];
    const faults: PolicyFault[] = [];
    if (before === undefined ? min_tokens !== 0 : min_tokens <= before.min_tokens) {
      const allowed = before === undefined ? '0' : `a whole number above ${before.min_tokens}`;
      const problem =
        before === undefined ? 'does not begin at 0' : 'does not exceed the one before';
      faults.push({ path: path('min_tokens'), problem, received: min_tokens, allowed });
    }
    if (seen.has(bucket)) {
      faults.push({ path: path('bucket'), problem: 'this name is taken', received: bucket });
    }
    seen.add(bucket);
    return faults;
  });
}

function faultsOfClasses(
  { uncached_isl_buckets, policy_classes }: PolicyProfile,
  at: readonly PathPart[],
): readonly PolicyFault[] {
  const buckets = uncached_isl_buckets.map(({ bucket }) => bucket);
  const familyNames = new Set(policy_classes.map((entry) => entry.policy_family));
  const names = new Set<string>();
  return policy_classes.flatMap((entry, index): PolicyFault[] => {
    const path = (key: string): string => formatPath([...at, 'policy_classes', index, key]);
    const faults = [...faultsOfClass(entry, buckets, path), ...faultsOfLimits(entry, path)];
    if (names.has(entry.name)) {
      faults.push({ path: path('name'), problem: 'this name is taken', received: entry.name });
    }
    if (entry.policy_family === undefined && familyNames.has(entry.name)) {
      faults.push({
        path: path('name'),
        problem: 'a class that is asked for by name has the name of a family',
        received: entry.name,
        remedy: 'rename the class, or give it policy_family and cache_bucket',
      });
    }
    names.add(entry.name);
    return faults;
  });
}

function faultsOfClass(
  entry: PolicyClassEntry,
  buckets: readonly string[],
  path: (key: string) => string,
): PolicyFault[] {
  const { policy_family: family, cache_bucket: bucket } = entry;
  if ((family === undefined) !== (bucket === undefined)) {
    const missing = family === undefined ? 'policy_family' : 'cache_bucket';
    const remedy = 'a class has policy_family and cache_bucket, or neither';
    return [{ path: path(missing), problem: 'missing', remedy }];
  }
  if (bucket === undefined || buckets.includes(bucket)) return [];
  return [unknownName(path('cache_bucket'), 'no such bucket', bucket, buckets)];
}

const LIMITS = [
  'request_queue_limit_per_worker',
  'raw_isl_token_queue_limit_per_worker',
  'cached_token_queue_limit_per_worker',
] as const;

function hasThreshold(entry: PolicyClassEntry): boolean {
  const { prefill_busy_threshold, prefill_busy_threshold_frac } = entry;
  return prefill_busy_threshold !== undefined || prefill_busy_threshold_frac !== undefined;
}

function faultsOfLimits(entry: PolicyClassEntry, path: (key: string) => string): PolicyFault[] {
  if (hasThreshold(entry)) return [];
  return LIMITS.filter((key) => entry[key] !== undefined).map((key) => ({
    path: path(key),
    problem: 'has no effect: without a threshold nobody waits in the class',
    received: entry[key],
    remedy: 'leave it out, or set prefill_busy_threshold or prefill_busy_threshold_frac',
  }));
}

/** Every bucket of every family has one class, and somebody can wait somewhere. */
function faultsOfMatrix(profile: PolicyProfile, at: readonly PathPart[]): readonly PolicyFault[] {
  const { default_policy_family, uncached_isl_buckets, policy_classes } = profile;
  const holders = new Map<string, number>();
  const families: string[] = [];
  const faults: PolicyFault[] = [];
  for (const [index, { policy_family: family, cache_bucket: bucket }] of policy_classes.entries()) {
    if (family === undefined || bucket === undefined) continue;
    const cell = `${family} ${bucket}`;
    const holder = holders.get(cell);
    if (holder !== undefined) {
      faults.push({
        path: formatPath([...at, 'policy_classes', index]),
        problem: `family ${family} has a class for bucket ${bucket} already`,
        received: policy_classes[index]!.name,
        remedy: `keep this one or ${policy_classes[holder]!.name}`,
      });
    }
    holders.set(cell, index);
    if (!families.includes(family)) families.push(family);
  }
  for (const family of families) {
    for (const { bucket } of uncached_isl_buckets) {
      if (holders.has(`${family} ${bucket}`)) continue;
      faults.push({
        path: formatPath([...at, 'policy_classes']),
        problem: `family ${family} has no class for bucket ${bucket}`,
        remedy: `add one with policy_family: ${family} and cache_bucket: ${bucket}`,
      });
    }
  }
  if (!families.includes(default_policy_family)) {
    const path = formatPath([...at, 'default_policy_family']);
    faults.push(unknownName(path, 'no class has this family', default_policy_family, families));
  }
  if (!policy_classes.some(hasThreshold)) {
    faults.push({
      path: formatPath([...at, 'policy_classes']),
      problem: 'has no effect: no class has a threshold, so nobody ever waits',
      remedy: 'set prefill_busy_threshold or prefill_busy_threshold_frac in some class',
    });
  }
  return faults;
}

function unknownName(
  path: string,
  problem: string,
  received: string,
  names: readonly string[],
): PolicyFault {
  const nearest = nearestName(received, names);
  const fault = { path, problem, received, allowed: names.join(', ') || 'the family of a class' };
  return nearest === undefined ? fault : { ...fault, nearest };
}
