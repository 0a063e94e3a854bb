import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JournalVerifier, type Verification } from '#core/journal/verifier.ts';

/** The journal of version 1 that was written by hand, line by line. */
export function fixtureLines(): string[] {
  const path = join(
    import.meta.dirname,
    '..',
    '..',
    'core',
    'journal',
    'fixtures',
    'v1.journal.jsonl',
  );
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

/** Verifies a journal that is handed over in pieces of `pieceBytes`. */
export function verify(journal: Uint8Array | readonly string[], pieceBytes = 1e9): Verification {
  const bytes =
    journal instanceof Uint8Array
      ? journal
      : new TextEncoder().encode(journal.map((line) => `${line}\n`).join(''));
  const verifier = new JournalVerifier('run.journal.jsonl');
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    if (!verifier.push(bytes.slice(at, at + pieceBytes))) break;
  }
  return verifier.finish();
}
