import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { pid } from 'node:process';
import { InputError } from '#core/base/errors.ts';

/** Text gathered before it is handed to the system. */
const CHUNK_LENGTH = 1 << 20;

/**
 * Writes many lines under a temporary name, a chunk at a time, and renames the file when it is whole.
 * Throws `output_unwritable`.
 */
export function writeLinesAtomically(path: string, lines: Iterable<string>): void {
  const temporary = `${path}.${pid}.tmp`;
  try {
    writeLines(temporary, lines);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new InputError('output_unwritable', `cannot be written: ${reason}`, { file: path });
  }
}

function writeLines(path: string, lines: Iterable<string>): void {
  const file = openSync(path, 'w');
  try {
    let chunk = '';
    for (const line of lines) {
      chunk += line;
      if (chunk.length < CHUNK_LENGTH) continue;
      writeWhole(file, chunk);
      chunk = '';
    }
    writeWhole(file, chunk);
  } finally {
    closeSync(file);
  }
}

/** A write may take only a part, as onto a disk that is nearly full. */
function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
