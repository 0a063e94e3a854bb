import { InputError } from '#core/base/errors.ts';
import { childValue, isRecord } from './key-schema.ts';
import type { ConfigPlace } from './source.ts';

/** What one version changed. */
export interface UpgradeStep {
  readonly renames: readonly { readonly from: string; readonly to: string }[];
  readonly apply: (
    value: Readonly<Record<string, unknown>>,
    place: ConfigPlace,
  ) => Readonly<Record<string, unknown>>;
}

const RENAMES = [
  { from: 'engine.type', to: 'engine.backend' },
  { from: 'workload.speedup', to: 'workload.arrival_speedup_ratio' },
] as const;

/** Version 1 took Dynamo's names for two keys; nothing else changed. */
export const upgradeFrom0: UpgradeStep = {
  renames: RENAMES,
  apply(value, place) {
    let upgraded = value;
    for (const { from, to } of RENAMES) upgraded = rename(upgraded, from, to, place);
    return { ...upgraded, version: 1 };
  },
};

/** Both names stand in the same section, one level down. The place of the key is kept. */
function rename(
  value: Readonly<Record<string, unknown>>,
  from: string,
  to: string,
  place: ConfigPlace,
): Readonly<Record<string, unknown>> {
  const [sectionName = '', oldKey = ''] = from.split('.');
  const newKey = to.slice(sectionName.length + 1);
  const section = childValue(value, sectionName);
  if (!isRecord(section)) return value;
  if (Object.hasOwn(section, newKey)) throw tooNew(to, from, section[newKey], place);
  const entries = Object.entries(section).map(([key, item]): [string, unknown] => [
    key === oldKey ? newKey : key,
    item,
  ]);
  return { ...value, [sectionName]: Object.fromEntries(entries) };
}

function tooNew(path: string, oldPath: string, received: unknown, place: ConfigPlace): InputError {
  const line = place.lineOf?.(path);
  return new InputError('config_invalid', 'a key of version 1 in a file of version 0', {
    ...(place.file === undefined ? {} : { file: place.file }),
    ...(line === undefined ? {} : { line }),
    path,
    received,
    remedy: `call it ${oldPath}, or write version: 1`,
  });
}
