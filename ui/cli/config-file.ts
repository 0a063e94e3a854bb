import { readFileSync, statSync } from 'node:fs';
import { InputError } from '#core/base/errors.ts';
import { type Resolution, resolveWithOrigins } from '#core/config/resolve.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { type ConfigSource, parseConfigText } from '#core/config/source.ts';

/** Far above any config; a larger file is a trace given by mistake. */
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * Reads a config file, or gives an empty config where there is none. Throws an `InputError` for a
 * file that is missing, a directory, too large, not text or not YAML.
 */
export function readConfig(file: string | undefined): ConfigSource {
  if (file === undefined) return { value: {}, place: {} };
  return parseConfigText(readText(file), file);
}

/** Reads and resolves a config, with the origin of each value. */
export function loadConfig(file: string | undefined, sets: readonly SetOption[] = []): Resolution {
  const { value, place } = readConfig(file);
  return resolveWithOrigins(value, sets, place);
}

function readText(file: string): string {
  const bytes = readBytes(file);
  if (bytes.includes(0)) throw notText(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notText(file);
  }
}

function notText(file: string): InputError {
  return new InputError('config_invalid', 'not a text file', {
    file,
    allowed: 'YAML or JSON in UTF-8',
  });
}

function readBytes(file: string): Uint8Array {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) {
      throw new InputError('config_invalid', 'too large for a config', {
        file,
        received: `${size} bytes`,
        allowed: `at most ${MAX_BYTES} bytes`,
        remedy: 'a trace is given as an argument, not as --config',
      });
    }
    return readFileSync(file);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError('input_missing', `cannot be read: ${readFault(error)}`, { file });
  }
}

function readFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'it is a directory';
  if (code === 'EACCES') return 'permission denied';
  return error instanceof Error ? error.message : String(error);
}
