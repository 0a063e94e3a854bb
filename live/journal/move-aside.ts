import { existsSync, renameSync, statSync } from 'node:fs';
import { journalPart } from '#core/journal/pool-path.ts';

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
