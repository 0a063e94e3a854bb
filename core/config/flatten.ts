import { canonicalJson } from '#core/base/canonical-json.ts';
import { writableConfig } from './effect.ts';
import { isRecord } from './key-schema.ts';
import type { Resolution } from './resolve.ts';
import type { ResolvedConfig } from './schema.ts';
import type { Origin } from './written.ts';

/** One value of a resolved config. */
export interface ConfigEntry {
  readonly path: string;
  readonly value: unknown;
}

/** One value of a resolved config and who chose it. */
export interface OriginEntry extends ConfigEntry {
  readonly origin: Origin | 'default';
}

/** A key in which two configs differ; a side is absent where its config does not have the key. */
export interface ConfigChange {
  readonly path: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

/** All values of a config that have an effect, by path. */
export function configEntries(config: ResolvedConfig): readonly ConfigEntry[] {
  const entries: ConfigEntry[] = [];
  const visit = (value: unknown, path: string): void => {
    if (!isRecord(value)) {
      entries.push({ path, value });
      return;
    }
    for (const key of Object.keys(value).sort()) {
      visit(value[key], path === '' ? key : `${path}.${key}`);
    }
  };
  visit(writableConfig(config), '');
  return entries;
}

/** All values of a config that have an effect, with their origins. */
export function entriesWithOrigins({ config, origins }: Resolution): readonly OriginEntry[] {
  return configEntries(config).map(({ path, value }) => ({
    path,
    value,
    origin: origins.get(path) ?? 'default',
  }));
}

/** The keys whose values differ, by path. */
export function configChanges(
  before: ResolvedConfig,
  after: ResolvedConfig,
): readonly ConfigChange[] {
  const old = configEntries(before);
  const fresh = configEntries(after);
  const paths = [...old, ...fresh].map(({ path }) => path).sort();
  return paths
    .filter((path, index) => paths.indexOf(path) === index)
    .map((path) => ({ path, a: at(old, path), b: at(fresh, path) }))
    .filter(({ a, b }) => !isSame(a, b))
    .map(({ path, a, b }) => ({
      path,
      ...(a === undefined ? {} : { before: a.value }),
      ...(b === undefined ? {} : { after: b.value }),
    }));
}

function at(entries: readonly ConfigEntry[], path: string): ConfigEntry | undefined {
  return entries.find((entry) => entry.path === path);
}

function isSame(a: ConfigEntry | undefined, b: ConfigEntry | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a.value) === canonicalJson(b.value);
}
