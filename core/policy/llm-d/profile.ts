import { InputError, type Place } from '#core/base/errors.ts';
import { isRecord } from '#core/config/key-schema.ts';
import type { Plugin } from './plugin.ts';
import { refuseUnknownKeys, unknownName } from './unknown-name.ts';

const PROFILE_KEYS = ['name', 'plugins'];
const USE_KEYS = ['pluginRef', 'weight'];

/** A plug-in as a profile uses it. */
export interface PluginUse {
  readonly plugin: Plugin;
  /** 1 where the profile states none; only scorers read it. */
  readonly weight: number;
  readonly path: string;
}

/**
 * The plug-ins of the file's one profile, or all of them where it has no profile. Several profiles
 * are refused: each is for workers of another role.
 */
export function readProfile(
  profiles: unknown,
  plugins: readonly Plugin[],
  at: (path: string) => Place,
): readonly PluginUse[] {
  if (profiles === undefined) {
    return plugins.map((plugin) => ({ plugin, weight: 1, path: 'plugins' }));
  }
  const [profile, second] = Array.isArray(profiles) ? (profiles as unknown[]) : [];
  if (second !== undefined) {
    throw new InputError('policy_invalid', 'several profiles', {
      ...at('schedulingProfiles[1]'),
      allowed: 'one: a second one is for workers that only prefill, and there are none',
    });
  }
  // A misspelt key is why another one is missing, so it is named first.
  if (isRecord(profile)) refuseUnknownKeys(profile, PROFILE_KEYS, 'schedulingProfiles[0]', at);
  const used: unknown = isRecord(profile) ? profile.plugins : undefined;
  if (!Array.isArray(used)) {
    throw new InputError('policy_invalid', 'bad value', {
      ...at('schedulingProfiles'),
      received: profiles,
      allowed: 'a list of one profile with plugins',
    });
  }
  return used.map((use: unknown, index) => {
    return readUse(use, `schedulingProfiles[0].plugins[${index}]`, plugins, at);
  });
}

function readUse(
  use: unknown,
  path: string,
  plugins: readonly Plugin[],
  at: (path: string) => Place,
): PluginUse {
  if (isRecord(use)) refuseUnknownKeys(use, USE_KEYS, path, at);
  const { pluginRef, weight = 1 } = isRecord(use) ? use : {};
  const plugin = plugins.find(({ name }) => name === pluginRef);
  if (plugin === undefined) {
    const names = plugins.map(({ name }) => name);
    const where = at(`${path}.pluginRef`);
    if (typeof pluginRef === 'string')
      throw unknownName('no such plug-in', pluginRef, names, where);
    throw new InputError('policy_invalid', 'bad value', {
      ...where,
      received: pluginRef,
      allowed: `the name of a plug-in: ${names.join(', ')}`,
    });
  }
  if (typeof weight === 'number' && weight >= 0 && Number.isFinite(weight)) {
    return { plugin, weight, path };
  }
  throw new InputError('policy_invalid', 'bad value', {
    ...at(`${path}.weight`),
    received: weight,
    allowed: 'a number from 0 up',
  });
}
