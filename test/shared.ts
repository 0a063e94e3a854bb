import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = process.env.WINDTUNNEL_SHARED ?? resolve(import.meta.dirname, '..', '..', 'shared');

/**
 * A path below the folder of public traces and reference data that lies beside the repository, or
 * undefined where it is absent. Tests that need it say so by name.
 */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(root, ...parts);
  return existsSync(path) ? path : undefined;
}
