import { basename } from 'node:path';
import { configSchema } from '#core/config/schema.ts';
import type { Candidate } from '#sim/compare/grid.ts';

const PREFIX = 'policy=';

/** The built-in ways to choose a worker, which stand beside files in `--vary policy=…`. */
const MODES: readonly string[] = configSchema.shape.router.unwrap().shape.mode.unwrap().options;

/**
 * Candidates of `--vary policy=./mine.ts,kv_router` as keys of the config: a mode by its name,
 * anything else as a policy file, which the candidate is then named after.
 */
export function withPolicyKeys(candidates: readonly Candidate[]): readonly Candidate[] {
  const renamed = candidates.map(nameByFile);
  const names = renamed.map(({ name }) => name);
  const distinct = names.every((name, index) => names.indexOf(name) === index);
  return (distinct ? renamed : candidates).map(({ name, sets }) => ({
    name,
    sets: sets.map((set) => (set.startsWith(PREFIX) ? keyOf(set.slice(PREFIX.length)) : set)),
  }));
}

function keyOf(policy: string): string {
  return MODES.includes(policy) ? `router.mode=${policy}` : `router.policy=${policy}`;
}

function nameByFile(candidate: Candidate): Candidate {
  const set = candidate.sets.find((one) => one.startsWith(PREFIX));
  if (set === undefined) return candidate;
  const policy = set.slice(PREFIX.length);
  const name = candidate.name.replace(set, policy).replace(policy, basename(policy));
  return { ...candidate, name };
}
