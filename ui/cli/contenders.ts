import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { configDigest } from '#core/config/digest.ts';
import { resolveCandidates, resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { parseAssignment, type SetOption } from '#core/config/set-option.ts';
import type { ConfigSource } from '#core/config/source.ts';
import { valueAtPath } from '#core/config/written.ts';
import type { Candidate } from '#sim/compare/grid.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { ablationCandidates } from './ablation.ts';
import { readConfig } from './config-file.ts';
import type { ConfigOptions } from './config-options.ts';
import { TRACE_BLOCK_KEY, withBlocksOf } from './load-trace.ts';
import { type NamedConfig, refuseSameNames } from './named-configs.ts';
import { withFileContents } from './named-files.ts';
import { withPolicy } from './policy/with-policy.ts';
import { isWritten, withShortFlags } from './short-flags.ts';

/** A candidate with the config that it flies. */
export interface Contender {
  readonly name: string;
  readonly sets: readonly string[];
  /** The file of a whole config that competes under a name. */
  readonly configFile?: string;
  readonly config: ResolvedConfig;
  readonly configSha256: string;
  /** Whether the user said how many tokens a block of the trace has. */
  readonly blocksWritten: boolean;
}

/** A candidate whose config is not resolved yet. */
interface Entrant {
  readonly candidate: Candidate;
  readonly source: ConfigSource;
  readonly sets: readonly SetOption[];
  readonly configFile?: string;
}

/** Keys that decide which requests there are; candidates that differ in them share no pairs. */
const REQUEST_KEYS = ['seed', 'workload.num_requests', TRACE_BLOCK_KEY, 'workload.trace_format'];

const JITTER = 'workload.arrival_jitter';

/**
 * The configs of all candidates. Arrival jitter is turned on where the arrivals follow the trace and
 * the user did not decide about it: otherwise seeds would differ by tie-breaks only.
 */
export function resolveContenders(
  options: ConfigOptions,
  candidates: readonly Candidate[],
): Contender[] {
  const source = readConfig(options.config);
  const common = withShortFlags(options.set, { ...options }, source.value);
  const own = candidates.map(({ sets }) => sets.map((set) => parseAssignment(set, '--vary')));
  refuseRequestKeys(own);
  return resolveAll(
    candidates.map((candidate, index) => {
      return { candidate, source, sets: [...common, ...own[index]!] };
    }),
  );
}

/**
 * The same for whole configs, each in every cell of the grid, where there is one. What the command
 * line sets is laid over all of them.
 */
export function resolveNamedConfigs(
  options: ConfigOptions,
  named: readonly NamedConfig[],
  cells: readonly Candidate[],
): Contender[] {
  refuseSameNames(named);
  const own = cells.map(({ sets }) => sets.map((set) => parseAssignment(set, '--vary')));
  refuseRequestKeys(own);
  const entrants = named.flatMap(({ name, file }) => {
    const source = readConfig(file);
    const common = withShortFlags(options.set, { ...options }, source.value);
    return cells.map((cell, index): Entrant => {
      const candidate = {
        name: cell.name === '' ? name : `${name}, ${cell.name}`,
        sets: cell.sets,
      };
      return { candidate, source, sets: [...common, ...own[index]!], configFile: file };
    });
  });
  const contenders = resolveAll(entrants);
  refuseOtherRequests(contenders);
  return contenders;
}

/** The same for the terms of the router's cost: what takes one out goes before what was written. */
export function resolveAblation(options: ConfigOptions): Contender[] {
  const source = readConfig(options.config);
  const common = withShortFlags(options.set, { ...options }, source.value);
  const whole = withPolicies(common, source);
  const candidates = ablationCandidates(resolveConfig(source.value, whole, source.place));
  const own = candidates.map(({ sets }) => sets.map((set) => parseAssignment(set, '--ablate')));
  return resolveAll(
    candidates.map((candidate, index) => {
      const sets = own[index]!;
      const kept = common.filter(({ path }) => !sets.some((set) => set.path === path));
      return { candidate, source, sets: [...kept, ...sets] };
    }),
  );
}

/** Options with all that follows from the policy files that they name. */
function withPolicies(sets: readonly SetOption[], { value }: ConfigSource): readonly SetOption[] {
  return withFileContents(withPolicy(sets, value));
}

function resolveAll(entrants: readonly Entrant[]): Contender[] {
  const all = entrants.map(({ source, sets }) => withPolicies(sets, source));
  const configs = resolveCandidates(
    entrants.map(({ source }, index) => ({ source, sets: all[index]! })),
  );
  return entrants.map(({ candidate, source, configFile }, index) => {
    const decided = isWritten(all[index]!, source.value, JITTER);
    const config = decided ? configs[index]! : withJitter(configs[index]!);
    const { name, sets } = candidate;
    const file = configFile === undefined ? {} : { configFile };
    const blocksWritten = isWritten(all[index]!, source.value, TRACE_BLOCK_KEY);
    return { name, sets, ...file, config, configSha256: configDigest(config), blocksWritten };
  });
}

/** The candidates as they fly a trace: with the blocks that it has. */
export function contendersOn(
  trace: Pick<LoadedTrace, 'traceBlockSize'>,
  contenders: readonly Contender[],
): Contender[] {
  return contenders.map((contender) => {
    const config = withBlocksOf(trace, contender.config);
    if (config === contender.config) return contender;
    return { ...contender, config, configSha256: configDigest(config) };
  });
}

/** The index of the candidate that the others are held against. */
export function baselineIndex(contenders: readonly Contender[], name: string | undefined): number {
  if (name === undefined) return 0;
  const names = contenders.map((contender) => contender.name);
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const nearest = nearestName(name, names);
  throw new InputError('usage', 'no such candidate', {
    file: '--baseline',
    received: name,
    allowed: names.map((candidate) => `"${candidate}"`).join(' or '),
    ...(nearest === undefined ? {} : { nearest }),
  });
}

function withJitter(config: ResolvedConfig): ResolvedConfig {
  const { workload } = config;
  if (workload.concurrency !== undefined || workload.arrivals !== 'trace') return config;
  return { ...config, workload: { ...workload, arrival_jitter: true } };
}

function refuseRequestKeys(candidates: readonly (readonly SetOption[])[]): void {
  for (const { path } of candidates[0] ?? []) {
    refuseObjective(path);
    if (!REQUEST_KEYS.includes(path)) continue;
    throw new InputError(
      'usage',
      'cannot vary in a comparison: the requests would not be the same',
      {
        file: '--vary',
        path,
        remedy: path === 'seed' ? 'use --seeds N' : 'replay each value by itself',
      },
    );
  }
}

/** Whoever has the softer objective would win on goodput, whatever it is worth. */
function refuseObjective(path: string): void {
  if (path !== 'slo' && !path.startsWith('slo.')) return;
  throw new InputError(
    'usage',
    'cannot vary in a comparison: an objective is what candidates are judged by',
    { file: '--vary', path, remedy: `set it for all: --set ${path}=…; or replay each by itself` },
  );
}

/** Whole configs may disagree about anything but the requests that they are compared on. */
function refuseOtherRequests(contenders: readonly Contender[]): void {
  const [first] = contenders;
  for (const { configFile, config } of contenders) {
    for (const path of REQUEST_KEYS) {
      const value = valueAtPath(config, path);
      const expected = valueAtPath(first?.config, path);
      if (value === expected) continue;
      throw new InputError('usage', 'candidates of a comparison fly the same requests', {
        ...(configFile === undefined ? {} : { file: configFile }),
        path,
        received: value ?? 'nothing',
        allowed: `${String(expected ?? 'nothing')}, as in ${first?.configFile}`,
        remedy: `set it for all: --set ${path}=…`,
      });
    }
  }
}
