import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { pid } from 'node:process';
import { InputError } from '#core/base/errors.ts';

/**
 * Writes a file under a temporary name beside it and renames it, so that nobody ever sees half of
 * it. Throws `output_unwritable`.
 */
export function writeFileAtomically(path: string, content: string | Uint8Array): void {
  const temporary = `${path}.${pid}.tmp`;
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('output_unwritable', `cannot be written: ${reason}`, { file: path });
  }
}
