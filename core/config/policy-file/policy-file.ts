import { z } from 'zod';
import { InputError, type InputErrorOptions } from '#core/base/errors.ts';
import { ConfigError } from '../config-error.ts';
import { isRecord, type KeySchema } from '../key-schema.ts';
import { describeIssues, type Locate } from '../problems.ts';
import { type ConfigPlace, parseConfigText } from '../source.ts';
import { policyFaults } from './policy-faults.ts';
import { type PolicyFile, policyFileSchema } from './policy-schema.ts';

const policyFileNode = z.toJSONSchema(policyFileSchema, { io: 'input' }) as KeySchema;

/**
 * Reads a policy file. Throws a `ConfigError` that lists all problems found, each with file, line,
 * path in the file, what was received and what is allowed.
 */
export function parsePolicyText(text: string, file: string): PolicyFile {
  const { value, place } = parseConfigText(text, file);
  const { policy, problems } = readPolicy(value, (path) => placeOf(place, path));
  if (policy === undefined) throw new ConfigError(problems);
  return policy;
}

/** A policy file after validation: the policy, or all that is wrong with it. */
export interface PolicyReading {
  readonly policy: PolicyFile | undefined;
  readonly problems: readonly InputError[];
}

/**
 * Validates the content of a policy file. `locate` finds the place of a path as it is shown, which
 * begins with `prefix` where the content stands in a config.
 */
export function readPolicy(value: unknown, locate: Locate, prefix = ''): PolicyReading {
  const inConfig = (path: string): string => (prefix === '' ? path : `${prefix}.${path}`);
  const foreign = foreignSelection(value, locate, inConfig);
  const own = foreign === undefined ? value : withoutSelection(value);
  const parsed = policyFileSchema.safeParse(own);
  const problems = foreign === undefined ? [] : [foreign];
  if (!parsed.success) {
    const known = { top: policyFileNode, keys: [], prefix };
    problems.push(...describeIssues(parsed.error.issues, own, locate, known));
    return { policy: undefined, problems };
  }
  for (const { path: inner, problem, ...details } of policyFaults(parsed.data)) {
    const path = inConfig(inner);
    problems.push(new InputError('config_invalid', problem, { path, ...details, ...locate(path) }));
  }
  return { policy: problems.length === 0 ? parsed.data : undefined, problems };
}

function placeOf({ file, lineOf }: ConfigPlace, path: string): InputErrorOptions {
  const line = lineOf?.(path);
  return { ...(file !== undefined && { file }), ...(line !== undefined && { line }) };
}

/** A selection of the user's own, which Dynamo takes from this file and we do not. */
function foreignSelection(
  value: unknown,
  locate: Locate,
  inConfig: (path: string) => string,
): InputError | undefined {
  const selection = isRecord(value) ? value.worker_selection : undefined;
  if (!isRecord(selection)) return undefined;
  const foreign = Object.keys(selection)
    .sort()
    .find((key) => selection[key] !== 'default');
  if (foreign === undefined) return undefined;
  const path = inConfig(`worker_selection.${foreign}`);
  return new InputError('config_invalid', 'a policy file does not choose workers here', {
    ...locate(path),
    path,
    received: selection[foreign],
    allowed: 'default',
    remedy: 'leave worker_selection out and name your own selection with --policy FILE',
  });
}

function withoutSelection(value: unknown): unknown {
  if (!isRecord(value)) return value;
  const { worker_selection: _selection, ...rest } = value;
  return rest;
}
