import { readFileSync, statSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { readPickerConfig } from '#core/policy/llm-d/picker-config.ts';
import { type PolicyFile, readPolicyExports } from '#core/policy/policy-file.ts';
import { guardAmbient } from './ambient-guard.ts';
import { digestOf, loadUserModule } from './user-module.ts';
import { moduleSource } from './user-place.ts';

/** A policy file as it was loaded. */
export interface LoadedPolicy {
  readonly policies: PolicyFile;
  readonly sha256: string;
}

const MODULES = ['.ts', '.mts', '.js', '.mjs'];

/** What may hold an EndpointPickerConfig of llm-d. */
const CONFIGS = ['.yaml', '.yml', '.json'];

const loaded = new Map<string, LoadedPolicy>();

/**
 * Loads a policy file, once in the life of the process. Throws an `InputError` with its place for a
 * file that is missing, of another kind, cannot be loaded, or holds no policies.
 */
export function loadPolicy(file: string): LoadedPolicy {
  const path = resolve(file);
  const known = loaded.get(path) ?? read(path, file);
  loaded.set(path, known);
  return known;
}

function read(path: string, file: string): LoadedPolicy {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new InputError('input_missing', 'there is no such policy file', { file });
  }
  if (MODULES.includes(extname(path))) return readModule(path, file);
  if (CONFIGS.includes(extname(path))) return readConfig(path, file);
  throw new InputError('policy_invalid', 'not a policy file', {
    file,
    received: extname(path),
    allowed: [...MODULES, ...CONFIGS].join(', '),
  });
}

function readModule(path: string, file: string): LoadedPolicy {
  const source = moduleSource(path, file);
  let module: ReturnType<typeof loadUserModule>;
  try {
    module = guardAmbient(() => loadUserModule(path));
  } catch (error) {
    const place = { file, ...source.placeOfError(error) };
    throw new InputError('policy_invalid', `cannot be loaded: ${reasonOf(error)}`, place);
  }
  const sha256 = digestOf(path, module.files);
  return { policies: readPolicyExports(module.exports, source), sha256 };
}

/** Its functions are ours: nothing but the file need be named. */
function readConfig(path: string, file: string): LoadedPolicy {
  const source = { file, placeOf: () => ({ file }), placeOfError: () => ({}) };
  const policies = readPickerConfig(readFileSync(path, 'utf8'), source);
  return { policies, sha256: digestOf(path, [path]) };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { name, message, code } = error as NodeJS.ErrnoException;
  if (code === 'ERR_REQUIRE_ASYNC_MODULE')
    return 'it awaits outside of a function; policies do not';
  return `${name}: ${message}`.split('\n')[0]!.trim();
}
