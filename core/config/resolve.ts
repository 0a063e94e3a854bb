import { InputError, type InputErrorOptions } from '#core/base/errors.ts';
import { ConfigError } from './config-error.ts';
import type { Contradiction } from './contradiction.ts';
import { ineffectiveKeys } from './effect.ts';
import { contradictions } from './impossible.ts';
import type { IneffectiveKey } from './ineffective-key.ts';
import type { PolicyFile } from './policy-file/policy-schema.ts';
import { takePolicy } from './policy-file/take-policy.ts';
import { describeIssues, type Locate } from './problems.ts';
import { configSchema, type ResolvedConfig, type ValidatedConfig } from './schema.ts';
import { applySetOptions, SET_FLAG, type SetOption, within } from './set-option.ts';
import { BLOCKS_KEY, sizeWorkers } from './size-workers.ts';
import type { ConfigPlace, ConfigSource } from './source.ts';
import { withTransferSize } from './transfer-size.ts';
import { upgradeConfig } from './upgrade.ts';
import { fillEmptySections, type Origin, originsOf, valueAtPath } from './written.ts';

/** A resolved config, and for each key that was written who wrote it; the rest are defaults. */
export interface Resolution {
  readonly config: ResolvedConfig;
  readonly origins: ReadonlyMap<string, Origin>;
}

/**
 * Makes the config of a run: upgrades the file's value, lays the `--set` options over it, fills in
 * defaults and refuses what is unknown, bad, contradictory or without effect. Throws a
 * `ConfigError` that lists all problems found, each with place, path, value, what is allowed.
 */
export function resolveConfig(
  input: unknown,
  sets: readonly SetOption[] = [],
  place: ConfigPlace = {},
): ResolvedConfig {
  return resolveWithOrigins(input, sets, place).config;
}

/** As `resolveConfig`, and says where each written value came from. */
export function resolveWithOrigins(
  input: unknown,
  sets: readonly SetOption[] = [],
  place: ConfigPlace = {},
): Resolution {
  const candidate = resolveLeniently(input, sets, place);
  throwIfAny(candidate.idle.map(({ problem }) => problem));
  return candidate;
}

/** A config that competes with others: what its file says and what is laid over it. */
export interface CandidateConfig {
  readonly source: ConfigSource;
  readonly sets: readonly SetOption[];
}

/**
 * Resolves several configs for a comparison. A key without effect is refused only where it has none
 * in any candidate that it was written for: the knobs of one router mode may stand in a file, or on
 * the command line, while others are compared with it.
 */
export function resolveCandidates(
  candidates: readonly CandidateConfig[],
): readonly ResolvedConfig[] {
  const resolved = candidates.map(({ source, sets }) =>
    resolveLeniently(source.value, sets, source.place),
  );
  const problems = resolved.flatMap((candidate, index) =>
    candidate.idle.flatMap(({ path, problem }) => {
      const origin = originOf(candidate.origins, path);
      // What a file says was written for its own candidates, what a flag says for all.
      const sharers = resolved.filter(
        (other, position) =>
          originOf(other.origins, path) === origin &&
          (origin === 'set' || candidates[position]!.source === candidates[index]!.source),
      );
      const everywhere = sharers.every(({ idle }) => idle.some((one) => one.path === path));
      return everywhere && sharers[0] === candidate ? [problem] : [];
    }),
  );
  throwIfAny(problems);
  return resolved.map(({ config }) => config);
}

interface LenientResolution extends Resolution {
  readonly idle: readonly { readonly path: string; readonly problem: InputError }[];
}

function resolveLeniently(
  input: unknown,
  sets: readonly SetOption[],
  given: ConfigPlace,
): LenientResolution {
  const upgraded = upgradeConfig(input, given);
  const problems: InputError[] = [];
  const written = fillEmptySections(applySetOptions(upgraded.value, sets, problems));
  const origins = originsOf(written, sets);
  const locate = locator(upgraded.place, origins, sets);
  const { policy, rest } = takePolicy(written, locate, problems);
  const parsed = configSchema.safeParse(rest);
  if (!parsed.success) problems.push(...describeIssues(parsed.error.issues, rest, locate));
  throwIfAny(problems);
  const sized = sizeWorkers(parsed.data!, written, locate, problems);
  throwIfAny(problems);
  const validated = withTransferSize(sized);
  const explain = (fault: Contradiction | IneffectiveKey, problem: string): InputError =>
    new InputError('config_invalid', `${problem}: ${fault.why}`, {
      ...locate(fault.path),
      path: fault.path,
      received: valueAtPath(written, fault.path),
      remedy: fault.remedy,
    });
  const faults = contradictions(validated, policy, (path) => origins.has(path));
  throwIfAny(faults.map((fault) => explain(fault, 'impossible')));
  const config = foldAliases(validated, policy);
  const idle = ineffectiveKeys(config)
    .filter(({ path }) => originOf(origins, path) !== undefined && !isTakenUp(written, path))
    .map((key) => ({ path: key.path, problem: explain(key, 'has no effect') }));
  return { config, origins: foldOrigins(origins, config), idle };
}

/** Whether each pool has made numbers of its own of what stands at a path: it had its effect. */
function isTakenUp(written: unknown, path: string): boolean {
  return path === BLOCKS_KEY && valueAtPath(written, path) === 'auto';
}

/** Who wrote a key. One that holds a mapping is written by whoever wrote something in it. */
function originOf(origins: ReadonlyMap<string, Origin>, path: string): Origin | undefined {
  const own = origins.get(writtenKey(path));
  if (own !== undefined) return own;
  const inside = [...origins.keys()].sort().find((key) => within(key, path));
  return inside === undefined ? undefined : origins.get(inside);
}

function throwIfAny(problems: readonly InputError[]): void {
  if (problems.length > 0) throw new ConfigError(problems);
}

/** Problems point at the line of the file, or at the flag where the value came from one. */
function locator(
  place: ConfigPlace,
  origins: ReadonlyMap<string, Origin>,
  sets: readonly SetOption[],
): Locate {
  return (path): InputErrorOptions => {
    const key = writtenKey(path);
    if (originOf(origins, key) === 'set') return { file: flagOf(key, sets) };
    const line = place.lineOf?.(path);
    return {
      ...(place.file === undefined ? {} : { file: place.file }),
      ...(line === undefined ? {} : { line }),
    };
  };
}

/** The key that a user writes for a path: lists are one value. */
function writtenKey(path: string): string {
  return path.replace(/\[.*$/, '');
}

/** The flag that wrote a key, by itself or with its section. */
function flagOf(key: string, sets: readonly SetOption[]): string {
  return sets.find(({ path }) => path === key || within(key, path))?.flag ?? SET_FLAG;
}

/** The old weight stands for the scale, and at 0 for a credit of 0, which v1.0 does not have. */
function foldAliases(validated: ValidatedConfig, policy: PolicyFile | undefined): ResolvedConfig {
  const { overlap_score_weight: weight, router_policy_config: _file, ...rest } = validated.router;
  const router = policy === undefined ? rest : { ...rest, router_policy_config: policy };
  if (weight === undefined) return { ...validated, router };
  const credit = weight === 0 && router.cost_model === 'current' ? 0 : router.overlap_score_credit;
  return {
    ...validated,
    router: { ...router, prefill_load_scale: weight, overlap_score_credit: credit },
  };
}

/** The keys that the old weight stood for were written by whoever wrote the weight. */
function foldOrigins(
  origins: ReadonlyMap<string, Origin>,
  { router }: ResolvedConfig,
): ReadonlyMap<string, Origin> {
  const weight = origins.get('router.overlap_score_weight');
  if (weight === undefined) return origins;
  const folded = new Map(origins).set('router.prefill_load_scale', weight);
  const zeroed = router.prefill_load_scale === 0 && router.cost_model === 'current';
  return zeroed ? folded.set('router.overlap_score_credit', weight) : folded;
}
