import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TestContext } from 'vitest';

const root = process.env.WINDTUNNEL_SHARED ?? resolve(import.meta.dirname, '..', '..', 'shared');

/**
 * A path below the folder of public traces and reference data that lies beside the repository, or
 * undefined where it is absent. Tests take it through `needReference`.
 */
export function sharedPath(...parts: readonly string[]): string | undefined {
  const path = join(root, ...parts);
  return existsSync(path) ? path : undefined;
}

/**
 * The same path for a test that cannot run without it: where it is absent the test ends here and is
 * reported as skipped, with a note that names the folder. Only this file may skip a test.
 */
export function needReference(context: TestContext, ...parts: readonly string[]): string {
  const path = sharedPath(...parts);
  if (path !== undefined) return path;
  return context.skip(`needs the reference data ${join(root, ...parts)}`);
}

/**
 * The same for a peer that a test speaks with: `found` is where it is, undefined where it is not
 * installed; `what` says what it is and how it is installed.
 */
export function needPeer(context: TestContext, found: string | undefined, what: string): string {
  return found ?? context.skip(`needs ${what}`);
}
