import { isAbsolute, join } from 'node:path';
import { isRecord } from '#core/config/key-schema.ts';
import { parsePolicyText } from '#core/config/policy-file/policy-file.ts';
import { POLICY_KEY } from '#core/config/policy-file/take-policy.ts';
import type { SetOption } from '#core/config/set-option.ts';
import { valueAtPath } from '#core/config/written.ts';
import { readCalibration } from '#core/perf/calibration/calibration-file.ts';
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
  {
    section: 'engine',
    key: 'calibration',
    read: (file) => readCalibration(readConfigText(file), file),
  },
];

/** Options in which files stand by their content; names are relative to here. */
export function withFileContents(sets: readonly SetOption[]): readonly SetOption[] {
  return sets.map((set) => {
    const parts = set.path.split('.');
    const whole = parts.reduceRight<unknown>((inner, part) => ({ [part]: inner }), set.value);
    const found = withContentsOfFiles(whole, '.');
    return { ...set, value: valueAtPath(found, set.path) };
  });
}

/** A config in which files stand by their content; their names are relative to `folder`. */
export function withContentsOfFiles(config: unknown, folder: string): unknown {
  if (!isRecord(config)) return config;
  const found = withContents(config, folder);
  // The shadow of a live router has a model and an engine of its own.
  if (isRecord(config.shadow)) found.shadow = withContents(config.shadow, folder);
  const { cluster } = config;
  if (!isRecord(cluster) || !Array.isArray(cluster.pools)) return found;
  // A pool has keys of the engine of its own.
  const pools = cluster.pools.map((pool: unknown) =>
    isRecord(pool) ? withContents(pool, folder) : pool,
  );
  return { ...found, cluster: { ...cluster, pools } };
}

function withContents(
  config: Readonly<Record<string, unknown>>,
  folder: string,
): Record<string, unknown> {
  const found: Record<string, unknown> = { ...config };
  for (const { section, key, read } of FILE_KEYS) {
    const keys = found[section];
    if (!isRecord(keys)) continue;
    const name = keys[key];
    if (typeof name !== 'string') continue;
    found[section] = { ...keys, [key]: read(isAbsolute(name) ? name : join(folder, name)) };
  }
  return found;
}
