import { closeSync, existsSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { InputError } from '#core/base/errors.ts';
import { BEGINNING_BYTES, beginsAsJournal } from '#core/journal/header-lines.ts';
import { journalPart } from '#core/journal/pool-path.ts';

/**
 * Refuses a place where something is that is no journal, a device or a file of somebody's own, with
 * `output_unwritable`. An empty file is what a router leaves that ends before its first line.
 */
export function refuseOthersFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (found.isFile() && (found.size === 0 || beginsAsJournal(beginningOf(path)))) return;
  throw new InputError(
    'output_unwritable',
    'what is there is no journal, and would be moved out of the way',
    { path: 'journal.path', received: path, remedy: 'name another file' },
  );
}

function beginningOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(BEGINNING_BYTES);
    return bytes.toString('utf8', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/**
 * Where a journal is that an earlier run has left, it gets the time of its last line into its name,
 * with all its parts: `run.journal.jsonl.2026-11-26T22-31-05Z`. The new name, undefined where there
 * was none. Throws the system's error where it cannot be moved.
 */
export function moveAside(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  let parts = 1;
  while (existsSync(journalPart(path, parts))) parts++;
  const { mtime } = statSync(journalPart(path, parts - 1));
  const stamp = mtime.toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  let aside = `${path}.${stamp}`;
  for (let twin = 2; existsSync(aside); twin++) aside = `${path}.${stamp}-${twin}`;
  for (let part = 0; part < parts; part++) {
    renameSync(journalPart(path, part), journalPart(aside, part));
  }
  return aside;
}
