import { once } from 'node:events';
import { renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import { tryOutput } from '../try-output.ts';
import { type FileTask, PENDING, type WriteMessage } from './file-task.ts';
import { isJournal } from './journal-as-trace.ts';

/** Pieces of a quarter of a megabyte that may wait to be written before the run waits, too. */
const MAX_PENDING = 64;

/**
 * A journal on its way to a file, compressed when its name ends in `.gz`. A run holds its thread from
 * beginning to end, so that another one compresses and writes. The file is `PATH.part` until it is
 * whole; what an interrupted run leaves there is a journal that was cut.
 */
export class JournalFile {
  readonly #path: string;
  readonly #pending = new Int32Array(new SharedArrayBuffer(4));
  readonly #thread: Worker;

  constructor(path: string) {
    this.#path = path;
    const workerData: FileTask = {
      path: this.#part,
      zipped: path.endsWith('.gz'),
      pending: this.#pending,
    };
    this.#thread = new Worker(threadFile(), { workerData });
  }

  /** Hands the next piece over; its bytes belong to the file from now on. */
  readonly write = (chunk: Uint8Array<ArrayBuffer>): void => {
    for (;;) {
      const pending = Atomics.load(this.#pending, PENDING);
      if (pending < MAX_PENDING) break;
      Atomics.wait(this.#pending, PENDING, pending);
    }
    Atomics.add(this.#pending, PENDING, 1);
    this.#post(chunk, [chunk.buffer]);
  };

  /** Writes what is left and gives the file its name. Throws `output_unwritable`, exit code 1. */
  async finish(): Promise<void> {
    this.#post('end', []);
    const [failure] = (await once(this.#thread, 'message')) as [string | undefined];
    try {
      if (failure !== undefined) throw new Error(failure);
      renameSync(this.#part, this.#path);
    } catch (error) {
      rmSync(this.#part, { force: true });
      const reason = error instanceof Error ? error.message : String(error);
      const data = { file: this.#path };
      const message = `${this.#path}: cannot be written: ${reason}`;
      throw new WindtunnelError('output_unwritable', message, data);
    }
  }

  /** Gives the journal up, after a run that failed; what was written stays as `PATH.part`. */
  async abandon(): Promise<void> {
    this.#post('end', []);
    await once(this.#thread, 'message');
  }

  get #part(): string {
    return `${this.#path}.part`;
  }

  #post(message: WriteMessage, moved: readonly ArrayBuffer[]): void {
    this.#thread.postMessage(message, moved);
  }
}

/** The thread's file lies beside this one, or beside the bundle that this one is part of. */
function threadFile(): URL {
  const name = import.meta.filename.endsWith('.ts') ? 'file-thread.ts' : 'journal-thread.js';
  return new URL(name, import.meta.url);
}

/**
 * Refuses a path that cannot take a journal, before any work is spent on one. A file that is there
 * is replaced only with `overwrite`, and only if it is a journal itself.
 */
export function checkJournalPath(path: string, overwrite: boolean): void {
  const refuse = (problem: string, remedy: string): never => {
    throw new InputError('output_unwritable', problem, { file: path || '--journal', remedy });
  };
  if (path.trim() === '' || path === '-') refuse('not the name of a file', 'name a file');
  const folder = statSync(dirname(path), { throwIfNoEntry: false });
  if (folder?.isDirectory() !== true) refuse('its folder is not there', 'make the folder first');
  tryOutput(dirname(path), path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isFile() || !isJournal(path)) {
    refuse('what is there is no journal, and would be replaced', 'name another file');
  }
  if (!overwrite) refuse('there is a journal already', 'name another file, or add --overwrite');
}
