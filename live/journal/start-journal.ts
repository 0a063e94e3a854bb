import { InputError } from '#core/base/errors.ts';
import { msToNs } from '#core/base/time.ts';
import type { JournalConfig } from '#core/config/serve/journal.ts';
import { poolJournalPath } from '#core/journal/pool-path.ts';
import type { Timers } from '../clock.ts';
import { type JournalFault, JournalFile } from './journal-file.ts';
import type { JournalFileStatus } from './journal-status.ts';
import { moveAside, refuseOthersFile } from './move-aside.ts';

export interface StartJournal {
  /** With the path as the system finds it. */
  readonly config: JournalConfig;
  /** Names of the pools; each has a file of its own where there are several. */
  readonly pools: readonly string[];
  readonly timers: Timers;
  readonly onFault: JournalFault;
}

/** The journals of a live router. */
export interface RunningJournal {
  /** The files, and where earlier ones were moved. */
  readonly files: readonly string[];
  readonly movedAside: readonly string[];
  /** How each pool's journal fares. */
  status(): readonly JournalFileStatus[];
  readonly sink: (chunk: Uint8Array<ArrayBuffer>, pool: string) => void;
  /** Calls `flush` as often as the config says, which hands over the lines written since. */
  flushEvery(flush: () => void): void;
  /** Waits until everything is on the disk. */
  close(): Promise<void>;
}

/** Opens the files; throws `output_unwritable` with the path where that cannot be. */
export async function startJournal(options: StartJournal): Promise<RunningJournal> {
  const { config, pools, timers, onFault } = options;
  const named = pools.map((pool) =>
    pools.length === 1 ? config.path : poolJournalPath(config.path, pool),
  );
  const movedAside: string[] = [];
  const files = new Map<string, JournalFile>();
  // Nothing is moved before all places are known to be good.
  for (const path of named) await opening(path, () => refuseOthersFile(path));
  for (const [at, path] of named.entries()) {
    await opening(path, async () => {
      const aside = moveAside(path);
      if (aside !== undefined) movedAside.push(aside);
      files.set(pools[at]!, await JournalFile.open(path, config.part_bytes, onFault));
    });
  }
  let cancel: (() => void) | undefined;
  return {
    files: named,
    movedAside,
    status: () => [...files].map(([pool, file]) => file.statusOf(pool)),
    sink: (chunk, pool) => files.get(pool)?.write(chunk),
    flushEvery: (flush) => {
      const rearm = (): void => {
        flush();
        cancel = timers.after(msToNs(config.flush_interval_ms), rearm);
      };
      rearm();
    },
    close: async () => {
      cancel?.();
      for (const pool of pools) await files.get(pool)?.close();
    },
  };
}

/** What the system has against a file, in the words of the config. */
async function opening(path: string, act: () => void | Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { message } = error as Error;
    throw new InputError('output_unwritable', `the journal cannot be opened: ${message}`, {
      path: 'journal.path',
      received: path,
      remedy: 'make its folder, or name another file',
    });
  }
}
