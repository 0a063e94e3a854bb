import { canonicalJson } from '#core/base/canonical-json.ts';
import { isRecord } from '#core/config/key-schema.ts';
import { configKeys } from '#core/config/keys.ts';
import type { ConfigSource } from '#core/config/source.ts';
import { isRecording } from '../recording/recording-as-trace.ts';
import { isJournal, journalHeader } from './journal-as-trace.ts';

/** What a run's traffic was is in the journal itself. */
const TRAFFIC = 'workload';

const defaults = new Map(
  configKeys()
    .filter((key) => key.defaultValue !== undefined)
    .map(({ path, defaultValue }) => [path, canonicalJson(defaultValue)]),
);

/**
 * The config that a journal was written under, as a user would have written it: without the shape of
 * the traffic, which its requests have already, and without defaults, so that another router can be
 * set in its place. Empty where the journal names none.
 */
export function readJournalConfig(path: string): ConfigSource {
  const { config } = journalHeader(path);
  const value = isRecord(config) ? config : {};
  const kept = Object.entries(value).filter(([section]) => section !== TRAFFIC);
  return { value: withoutDefaults(Object.fromEntries(kept), ''), place: { file: path } };
}

/**
 * The options of a command that flies a journal or a recording: what it says of its server counts
 * where no config is named.
 */
export function withJournalConfig<Options extends { readonly config?: string }>(
  path: string,
  options: Options,
): Options {
  if (options.config !== undefined) return options;
  if (!isJournal(path) && !isRecording(path)) return options;
  return { ...options, config: path };
}

function withoutDefaults(value: Readonly<Record<string, unknown>>, above: string): unknown {
  const kept = Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const path = above === '' ? key : `${above}.${key}`;
    if (defaults.get(path) === canonicalJson(inner)) return [];
    return [[key, isRecord(inner) ? withoutDefaults(inner, path) : inner]];
  });
  return Object.fromEntries(kept);
}
