import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import type { EngineEntry } from '#core/config/serve/engine-list.ts';
import { type EngineSettings, settingsOf } from './engine-settings.ts';
import { Secret } from './secret.ts';

/** Where keys are looked up. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder that relative paths start from. */
  readonly folder: string;
}

/**
 * The settings of every engine by its name, keys read from where the config says. Throws an
 * `InputError` that names the variable or file of a key that is not there; never the key.
 */
export function readEngineSettings(
  engines: readonly EngineEntry[],
  sources: SecretSources,
): ReadonlyMap<string, EngineSettings> {
  return new Map(
    engines.map((entry, at) => [entry.name, settingsOf(entry, keyOf(entry, at, sources))]),
  );
}

function keyOf(entry: EngineEntry, at: number, sources: SecretSources): Secret | undefined {
  if (entry.api_key_env !== undefined) {
    const path = `engines[${at}].api_key_env`;
    return secretFrom(sources.env[entry.api_key_env], path, entry.api_key_env, 'set the variable');
  }
  if (entry.api_key_file !== undefined) {
    const path = `engines[${at}].api_key_file`;
    const file = resolve(sources.folder, entry.api_key_file);
    return secretFrom(textOf(file, path), path, file, 'write the key into it');
  }
  return undefined;
}

function secretFrom(
  text: string | undefined,
  path: string,
  received: string,
  remedy: string,
): Secret {
  const key = text?.trim() ?? '';
  if (key === '')
    throw new InputError('input_missing', 'there is no key', { path, received, remedy });
  // Anything else would be refused by every HTTP client, with the key in its message.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new InputError('config_invalid', 'the key has characters that no header takes', {
      path,
      received,
    });
  }
  return new Secret(key);
}

function textOf(file: string, path: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new InputError('input_missing', `the key cannot be read (${code ?? 'unknown'})`, {
      path,
      received: file,
    });
  }
}
