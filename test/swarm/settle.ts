import { ConfigError } from '#core/config/config-error.ts';
import { poolsOf } from '#core/config/pools.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { Flight } from './flight.ts';

type Tree = Record<string, unknown>;

/** The settings as a user would write them: sections with keys. */
export function writtenConfig({ settings, seed }: Flight): Readonly<Record<string, unknown>> {
  const written: Tree = { seed };
  for (const [path, value] of settings) {
    write(written, path.split('.'), value);
  }
  return written;
}

function write(tree: Tree, [name = '', ...deeper]: readonly string[], value: unknown): void {
  if (deeper.length === 0) {
    tree[name] = value;
    return;
  }
  const inner = (tree[name] ?? {}) as Tree;
  tree[name] = inner;
  write(inner, deeper, value);
}

/** The paths of all single values that are written; a list is one. */
export function writtenPaths({ settings }: Flight): readonly string[] {
  return [...settings].flatMap(([path, value]) => leaves(path, value));
}

function leaves(path: string, value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  const inner = Object.entries(value).flatMap(([key, inside]) => leaves(`${path}.${key}`, inside));
  return [path, ...inner];
}

/**
 * Resolves the config of a flight. What one feature wrote may mean nothing, or be impossible, beside
 * another; the config says so of a key, and the flight goes without that key. Throws what no key of
 * the flight is to blame for.
 */
export function settle(flight: Flight): ResolvedConfig {
  for (;;) {
    try {
      const config = resolveConfig(writtenConfig(flight));
      dropLostRanks(flight, config);
      return config;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const blamed = error.problems.map(({ place }) => writtenKey(flight, place.path ?? ''));
      if (blamed.some((path) => path === undefined)) throw error;
      for (const path of blamed) flight.settings.delete(path!);
    }
  }
}

/** Requests that name a rank which no worker has without the keys that went lose that name, too. */
function dropLostRanks(flight: Flight, config: ResolvedConfig): void {
  const ranks = Math.min(
    ...poolsOf(config).map(({ config: { engine } }) => engine.data_parallel_size),
  );
  flight.mapRows((row) => {
    if ((row.routing?.dpRank ?? 0) < ranks) return row;
    const { dpRank: _lost, ...routing } = row.routing ?? {};
    return { ...row, routing };
  });
}

/** The key that was written where a problem lies, in a list or a mapping perhaps. */
function writtenKey({ settings }: Flight, path: string): string | undefined {
  return [...settings.keys()].find(
    (key) => path === key || (/^[.[]/.test(path.slice(key.length)) && path.startsWith(key)),
  );
}
