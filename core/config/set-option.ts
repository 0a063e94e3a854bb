import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import { isRecord, isSection, keysOf, schemaAt } from './key-schema.ts';
import { configKeys } from './keys.ts';
import { notFlown } from './not-flown.ts';
import { parseConfigValue } from './source.ts';

/** The flag by which any key is set. */
export const SET_FLAG = '--set';

/** One `--set path=value`. A value of null takes the file's value away, so that the default holds. */
export interface SetOption {
  readonly path: string;
  readonly value: unknown;
  /** What the user typed, for messages; `--set` when absent. */
  readonly flag?: string;
}

/** Parses `engine.block_size=64`; the value is YAML, so `[[0, 1], [64, 2]]` is a table. */
export function parseSetOption(text: string): SetOption {
  return parseAssignment(text, SET_FLAG);
}

/** The same for another flag that takes a key and a value; errors name it. */
export function parseAssignment(text: string, flag: string): SetOption {
  const equals = text.indexOf('=');
  const path = (equals < 0 ? text : text.slice(0, equals)).trim();
  const value = equals < 0 ? '' : text.slice(equals + 1);
  if (path === '' || value.trim() === '') {
    throw new InputError('config_invalid', 'needs a key and a value', {
      file: flag,
      received: text,
      allowed: 'KEY=VALUE, such as engine.block_size=64',
      remedy: 'KEY=null takes a value of the file away',
    });
  }
  const parsed = parseConfigValue(value, path, flag);
  return { path, value: parsed, ...(flag !== SET_FLAG && { flag }) };
}

/**
 * Lays the options over a config and returns the result; the input is not changed. Problems (a key
 * that does not exist, a key set twice) are added to the list and their options left out.
 */
export function applySetOptions(
  input: unknown,
  sets: readonly SetOption[],
  problems: InputError[],
): unknown {
  let value = input;
  const done: string[] = [];
  for (const { path, value: item, flag = SET_FLAG } of sets) {
    const problem = checkPath(path, item, flag) ?? checkRepeat(path, item, flag, done);
    if (problem !== undefined) problems.push(problem);
    else value = withValueAt(value, path.split('.'), item);
    done.push(path);
  }
  return value;
}

/** Lays options over a value whose keys are checked afterwards, whatever schema it has. */
export function layOver(input: unknown, sets: readonly SetOption[]): unknown {
  return sets.reduce((value, { path, value: item }) => {
    return withValueAt(value, path.split('.'), item);
  }, input);
}

function checkPath(path: string, received: unknown, flag: string): InputError | undefined {
  const parts = path.split('.');
  if (schemaAt(parts) !== undefined) return undefined;
  const refusal = notFlown(path, received, { file: flag });
  if (refusal !== undefined) return refusal;
  let depth = parts.length - 1;
  while (schemaAt(parts.slice(0, depth)) === undefined) depth--;
  const parent = schemaAt(parts.slice(0, depth))!;
  const names = configKeys().map((key) => key.path);
  const leaf = parts.at(-1);
  const nearest =
    names.find((name) => name.slice(name.lastIndexOf('.') + 1) === leaf) ??
    nearestName(path, names);
  return new InputError('config_invalid', 'unknown key', {
    file: flag,
    path,
    received,
    allowed: isSection(parent)
      ? keysOf(parent).join(', ')
      : `${parts.slice(0, depth).join('.')} holds a value, not keys`,
    ...(nearest === undefined ? {} : { nearest }),
  });
}

function checkRepeat(
  path: string,
  received: unknown,
  flag: string,
  done: readonly string[],
): InputError | undefined {
  const other = done.find(
    (earlier) => earlier === path || within(path, earlier) || within(earlier, path),
  );
  if (other === undefined) return undefined;
  const problem = other === path ? 'set twice' : `set twice: ${other} covers it or lies in it`;
  return new InputError('config_invalid', problem, {
    file: flag,
    path,
    received,
    remedy: 'leave one of them out',
  });
}

/** Whether `path` lies below `section`. */
export function within(path: string, section: string): boolean {
  return path.startsWith(`${section}.`);
}

function withValueAt(value: unknown, path: readonly string[], item: unknown): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return item;
  // A file that has a plain value where a section belongs is left alone: validation says so.
  if (value !== undefined && value !== null && !isRecord(value)) return value;
  const record = value ?? {};
  const child = Object.hasOwn(record, part) ? (record as Record<string, unknown>)[part] : undefined;
  const changed = withValueAt(child, rest, item);
  const kept = Object.entries(record).filter(([key]) => key !== part);
  return Object.fromEntries(changed === null ? kept : [...kept, [part, changed]]);
}
