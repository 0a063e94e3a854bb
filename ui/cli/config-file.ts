import { dirname } from 'node:path';
import { InputError } from '#core/base/errors.ts';
import { type Resolution, resolveWithOrigins } from '#core/config/resolve.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { type ConfigSource, parseConfigText } from '#core/config/source.ts';
import { configKind } from './config-kind.ts';
import { readConfigText } from './config-text.ts';
import { isJournal } from './journal/journal-as-trace.ts';
import { readJournalConfig } from './journal/journal-config.ts';
import { withContentsOfFiles, withFileContents } from './named-files.ts';
import { withPolicy } from './policy/with-policy.ts';
import { isRecording } from './recording/recording-as-trace.ts';
import { readRecordingConfig } from './recording/recording-config.ts';
import { programName } from './repeat-command.ts';

/**
 * Reads a config file, or gives an empty config where there is none. A policy file that it names,
 * relative to itself, is read too and stands in it by its content. Of a journal it is the config that
 * its router ran under, of a recording what it says of its server. Throws an `InputError` for a file
 * that is missing, a directory, too large, not text or not YAML, and for the config of `serve`.
 */
export function readConfig(file: string | undefined): ConfigSource {
  if (file === undefined) return { value: {}, place: {} };
  if (isJournal(file)) return readJournalConfig(file);
  if (isRecording(file)) return readRecordingConfig(file);
  const { value, place } = parseConfigText(readConfigText(file), file);
  if (configKind(value) === 'serve') throw ofServe(file);
  return { value: withContentsOfFiles(value, dirname(file)), place };
}

function ofServe(file: string): InputError {
  return new InputError('config_invalid', 'this is the config of a live router, not of a run', {
    file,
    remedy: `it is for ${programName()} serve --config ${file}; config validate judges it, too`,
  });
}

/** Whether a file is the config of `windtunnel serve`; throws as `readConfig` does. */
export function isServeConfig(file: string): boolean {
  if (isJournal(file) || isRecording(file)) return false;
  return configKind(parseConfigText(readConfigText(file), file).value) === 'serve';
}

/** Reads and resolves a config, with the origin of each value. */
export function loadConfig(file: string | undefined, sets: readonly SetOption[] = []): Resolution {
  const { value, place } = readConfig(file);
  return resolveWithOrigins(value, withFileContents(withPolicy(sets, value)), place);
}
