import { InputError } from '#core/base/errors.ts';
import { isRecord } from './key-schema.ts';
import { CONFIG_VERSION } from './schema.ts';
import type { ConfigPlace } from './source.ts';
import { type UpgradeStep, upgradeFrom0 } from './upgrade-from-0.ts';

/** The step at index n turns version n into version n + 1. */
const STEPS: readonly UpgradeStep[] = [upgradeFrom0];

/** A config in the current version, with a place that still finds the lines of the old file. */
export interface UpgradedConfig {
  readonly value: unknown;
  readonly place: ConfigPlace;
}

/**
 * Brings a config to the current version, one step per version. A config without a version is read
 * as the current one, so that short files need none; files that `config init` writes carry it.
 * Throws `config_version_unsupported` for a version that is newer than this program.
 */
export function upgradeConfig(input: unknown, place: ConfigPlace): UpgradedConfig {
  if (!isRecord(input)) return { value: input, place };
  const first = readVersion(input, place);
  let value: Readonly<Record<string, unknown>> = input;
  const oldNames = new Map<string, string>();
  for (let version = first; version < CONFIG_VERSION; version++) {
    const step = STEPS[version]!;
    value = step.apply(value, place);
    for (const { from, to } of step.renames) oldNames.set(to, oldNames.get(from) ?? from);
  }
  const { lineOf } = place;
  if (first === CONFIG_VERSION || lineOf === undefined) return { value, place };
  return { value, place: { ...place, lineOf: (path) => lineOf(oldNames.get(path) ?? path) } };
}

function readVersion(input: Readonly<Record<string, unknown>>, place: ConfigPlace): number {
  const version = input.version;
  if (version === undefined) return CONFIG_VERSION;
  const line = place.lineOf?.('version');
  const where = {
    ...(place.file === undefined ? {} : { file: place.file }),
    ...(line === undefined ? {} : { line }),
    path: 'version',
    received: version,
    allowed: `a whole number from 0 to ${CONFIG_VERSION}`,
  };
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 0) {
    throw new InputError('config_invalid', 'not a version', where);
  }
  if (version > CONFIG_VERSION) {
    throw new InputError(
      'config_version_unsupported',
      `the file has version ${version}, this program reads up to version ${CONFIG_VERSION}`,
      { ...where, remedy: 'install a newer llm-windtunnel' },
    );
  }
  return version;
}
