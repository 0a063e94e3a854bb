import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { assert } from '#core/base/assert.ts';

/**
 * The folder that holds package.json: the repository, or the installed package, whose one bundled
 * file lies at another depth than the sources do.
 */
export function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    assert(parent !== folder, `no package.json above ${import.meta.dirname}`);
    folder = parent;
  }
  return folder;
}

/** A path below the package, whether or not something is there. */
export function packagePath(...parts: readonly string[]): string {
  return join(packageRoot(), ...parts);
}

/** The version in package.json. */
export function packageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(packagePath('package.json'), 'utf8'));
  assert(
    typeof manifest === 'object' && manifest !== null && 'version' in manifest,
    'package.json states a version',
  );
  return String(manifest.version);
}
