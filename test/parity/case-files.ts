import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '#core/base/errors.ts';

/**
 * The case files that paths name: files as they are, folders as the JSON files in them, in order of
 * their names.
 *
 * @throws InputError for a path that is neither, and for a folder without a case
 */
export function caseFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => {
    const kind = statSync(path, { throwIfNoEntry: false });
    if (kind?.isFile()) return [path];
    if (!kind?.isDirectory()) {
      throw new InputError('input_missing', 'there is no such case', {
        file: path,
        allowed: 'a JSON file or a folder of them',
      });
    }
    const names = readdirSync(path).filter((name) => name.endsWith('.json'));
    if (names.length === 0) {
      throw new InputError('input_missing', 'the folder has no JSON file', { file: path });
    }
    return names.sort().map((name) => join(path, name));
  });
}
