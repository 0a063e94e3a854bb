import type { z } from 'zod';
import { InputError, type InputErrorOptions } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { allowedText, allowedTypes } from './allowed.ts';
import {
  childValue,
  configJsonSchema,
  formatPath,
  isRecord,
  isSection,
  type KeySchema,
  keysOf,
  type PathPart,
  schemaAt,
  variantFor,
} from './key-schema.ts';
import { type ConfigKey, configKeys } from './keys.ts';
import { notFlown } from './not-flown.ts';

/** Finds the file and line of a path; the resolver knows which paths came from `--set`. */
export type Locate = (path: string) => InputErrorOptions;

/** What may be written: the schema that the paths of issues start at, and its keys by name. */
export interface KnownKeys {
  readonly top: KeySchema;
  readonly keys: readonly ConfigKey[];
  /** Path of the schema in the config, empty for the config itself or a file of its own. */
  readonly prefix?: string;
}

/**
 * Turns what zod found into errors that name path, value, what is allowed and what was meant.
 * Unknown keys come first, because a misspelt key is often why another one is missing.
 */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  input: unknown,
  locate: Locate,
  known: KnownKeys = { top: configJsonSchema(), keys: configKeys() },
): readonly InputError[] {
  const unknown: InputError[] = [];
  const bad: InputError[] = [];
  for (const issue of issues.flatMap((one) => insideMapping(one, input))) {
    const path = issue.path as readonly PathPart[];
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) unknown.push(unknownKey([...path, key], input, locate, known));
    } else {
      bad.push(badValue(path, input, locate, known));
    }
  }
  return [...unknown, ...bad];
}

/** Where a name or a mapping may stand and a mapping was written: what is wrong inside. */
function insideMapping(issue: z.core.$ZodIssue, input: unknown): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const path = issue.path as readonly PathPart[];
  if (!isRecord(valueAt(input, path))) return [issue];
  const inner = issue.errors.find((issues) =>
    issues.some((one) => one.code !== 'invalid_type' || one.path.length > 0),
  );
  return inner?.map((one) => ({ ...one, path: [...path, ...one.path] })) ?? [issue];
}

/** A path as the user reads it. */
function textOf(path: readonly PathPart[], { prefix = '' }: KnownKeys): string {
  const inner = formatPath(path);
  if (prefix === '' || inner === '') return prefix + inner;
  return inner.startsWith('[') ? prefix + inner : `${prefix}.${inner}`;
}

function valueAt(input: unknown, path: readonly PathPart[]): unknown {
  return path.reduce<unknown>((value, part) => childValue(value, part), input);
}

function unknownKey(
  path: readonly PathPart[],
  input: unknown,
  locate: Locate,
  known: KnownKeys,
): InputError {
  const parentPath = path.slice(0, -1);
  const parent = schemaAt(parentPath, input, known.top);
  const written = valueAt(input, parentPath);
  const siblings = keysOf((parent && variantFor(parent, written)) ?? parent ?? {});
  const key = String(path.at(-1));
  const text = textOf(path, known);
  const owner = known.keys.find((item) => item.path === text && item.variant !== undefined);
  if (owner !== undefined) {
    return new InputError('config_invalid', `belongs to another ${formatPath(parentPath)}`, {
      ...locate(text),
      path: text,
      received: valueAt(input, path),
      allowed: siblings.join(', '),
      remedy: `it needs ${textOf(parentPath, known)}.type: ${owner.variant}`,
    });
  }
  const refusal = notFlown(text, valueAt(input, path), locate(text));
  if (refusal !== undefined) return refusal;
  const elsewhere = known.keys.find((item) => item.path.endsWith(`.${key}`))?.path;
  const nearest = elsewhere ?? nearestName(key, siblings);
  return new InputError('config_invalid', 'unknown key', {
    ...locate(text),
    path: text,
    received: valueAt(input, path),
    allowed: siblings.join(', '),
    ...(nearest === undefined ? {} : { nearest }),
  });
}

function badValue(
  path: readonly PathPart[],
  input: unknown,
  locate: Locate,
  known: KnownKeys,
): InputError {
  const text = textOf(path, known);
  const node: KeySchema = schemaAt(path, input, known.top) ?? {};
  const parent = schemaAt(path.slice(0, -1), input, known.top);
  const names = path.at(-1) === 'type' && parent?.oneOf ? allowedTypes(parent) : node.enum;
  const allowed = names === undefined ? allowedText(node) : names.join(', ');
  const received = valueAt(input, path);
  if (received === undefined) {
    const problem = 'missing';
    return new InputError('config_invalid', problem, { ...locate(text), path: text, allowed });
  }
  const nearest =
    typeof received === 'string' && names !== undefined ? nearestName(received, names) : undefined;
  return new InputError('config_invalid', isSection(node) ? 'not a mapping' : 'bad value', {
    ...locate(text),
    path: text,
    // JSON, in which errors are shown, has no word for infinities.
    received:
      Number.isFinite(received) || typeof received !== 'number' ? received : String(received),
    allowed,
    ...(nearest === undefined ? {} : { nearest }),
  });
}
