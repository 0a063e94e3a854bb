import { configJsonSchema, isRecord, keysOf } from '#core/config/key-schema.ts';
import { SERVE_KEYS } from '#core/config/serve/serve-keys.ts';

/** Whose config a file is: that of a run of the tunnel, or that of `windtunnel serve`. */
export type ConfigKind = 'run' | 'serve';

const RUN = new Set(keysOf(configJsonSchema()));
const SERVE = new Set(keysOf(SERVE_KEYS.top));

/**
 * Tells the two apart by the top-level keys that only one of them has, such as `cluster` and
 * `engines`; undefined where a file has as many of the one as of the other.
 */
export function configKind(value: unknown): ConfigKind | undefined {
  const keys = isRecord(value) ? Object.keys(value) : [];
  const run = keys.filter((key) => RUN.has(key) && !SERVE.has(key)).length;
  const serve = keys.filter((key) => SERVE.has(key) && !RUN.has(key)).length;
  if (run === serve) return undefined;
  return run > serve ? 'run' : 'serve';
}
