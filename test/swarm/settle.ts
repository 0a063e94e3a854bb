import { ConfigError } from '#core/config/config-error.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { Flight } from './flight.ts';

/** The settings as a user would write them: sections with keys. */
export function writtenConfig({ settings, seed }: Flight): Readonly<Record<string, unknown>> {
  const written: Record<string, unknown> = { seed };
  for (const [path, value] of settings) {
    const [section = '', key] = path.split('.');
    if (key === undefined) written[section] = value;
    else written[section] = { ...(written[section] as object | undefined), [key]: value };
  }
  return written;
}

/**
 * Resolves the config of a flight. What one feature wrote may mean nothing, or be impossible, beside
 * another; the config says so of a key, and the flight goes without that key. Throws what no key of
 * the flight is to blame for.
 */
export function settle(flight: Flight): ResolvedConfig {
  for (;;) {
    try {
      return resolveConfig(writtenConfig(flight));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const blamed = error.problems.map(({ place }) => writtenKey(flight, place.path ?? ''));
      if (blamed.some((path) => path === undefined)) throw error;
      for (const path of blamed) flight.settings.delete(path!);
    }
  }
}

/** The key that was written where a problem lies, in a list or a mapping perhaps. */
function writtenKey({ settings }: Flight, path: string): string | undefined {
  return [...settings.keys()].find(
    (key) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`),
  );
}
