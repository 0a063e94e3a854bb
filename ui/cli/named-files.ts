import { isAbsolute, join } from 'node:path';
import { isRecord } from '#core/config/key-schema.ts';
import { parsePolicyText } from '#core/config/policy-file/policy-file.ts';
import { POLICY_KEY } from '#core/config/policy-file/take-policy.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { readConfigText } from './config-text.ts';
import { readModelFile } from './model-file.ts';

/** A key of a config that names a file whose content takes its place. */
interface FileKey {
  readonly section: string;
  readonly key: string;
  readonly read: (file: string) => unknown;
}

const FILE_KEYS: readonly FileKey[] = [
  {
    section: 'router',
    key: POLICY_KEY,
    read: (file) => parsePolicyText(readConfigText(file), file),
  },
  { section: 'model', key: 'config', read: readModelFile },
];

/** Options in which files stand by their content; names are relative to here. */
export function withFileContents(sets: readonly SetOption[]): readonly SetOption[] {
  return sets.map((set) => {
    for (const file of FILE_KEYS) {
      const { section, key, read } = file;
      if (set.path === section) return { ...set, value: withContent(set.value, file, '.') };
      if (set.path !== `${section}.${key}`) continue;
      return typeof set.value === 'string' ? { ...set, value: read(set.value) } : set;
    }
    return set;
  });
}

/** A config in which files stand by their content; their names are relative to `folder`. */
export function withContentsOfFiles(config: unknown, folder: string): unknown {
  if (!isRecord(config)) return config;
  const found: Record<string, unknown> = { ...config };
  for (const file of FILE_KEYS) {
    if (!isRecord(config[file.section])) continue;
    found[file.section] = withContent(config[file.section], file, folder);
  }
  return found;
}

function withContent(section: unknown, { key, read }: FileKey, folder: string): unknown {
  if (!isRecord(section)) return section;
  const name = section[key];
  if (typeof name !== 'string') return section;
  return { ...section, [key]: read(isAbsolute(name) ? name : join(folder, name)) };
}
