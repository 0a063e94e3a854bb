import { poolsOf } from '#core/config/pools.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { poolJournalPath } from '#core/journal/pool-path.ts';
import { checkJournalPath, JournalFile } from './journal-file.ts';

/** The journals of a run: one for the router of each pool, whose name is in that of its file. */
export class JournalFiles {
  readonly #files: ReadonlyMap<string, JournalFile>;

  /** `path` as the user wrote it. */
  constructor(path: string, config: ResolvedConfig) {
    const named = journalPaths(path, config);
    this.#files = new Map(named.map(([pool, file]) => [pool, new JournalFile(file)]));
  }

  readonly write = (chunk: Uint8Array<ArrayBuffer>, pool: string): void => {
    this.#files.get(pool)?.write(chunk);
  };

  /** Writes what is left and gives the files their names. Throws `output_unwritable`, exit code 1. */
  async finish(): Promise<void> {
    for (const file of this.#files.values()) await file.finish();
  }

  /** Gives the journals up, after a run that failed. */
  async abandon(): Promise<void> {
    for (const file of this.#files.values()) await file.abandon();
  }
}

/** Refuses paths that cannot take the journals of a run, see `checkJournalPath`. */
export function checkJournalPaths(path: string, config: ResolvedConfig, overwrite: boolean): void {
  for (const [, file] of journalPaths(path, config)) checkJournalPath(file, overwrite);
}

/**
 * Pool by pool the file of its journal: the path itself for one pool, and `run.decode.journal.jsonl`
 * for the pool decode of several, where the path is `run.journal.jsonl`.
 */
export function journalPaths(
  path: string,
  config: ResolvedConfig,
): readonly (readonly [pool: string, file: string])[] {
  const pools = poolsOf(config);
  if (pools.length === 1) return pools.map(({ name }) => [name, path]);
  return pools.map(({ name }) => [name, poolJournalPath(path, name)]);
}
