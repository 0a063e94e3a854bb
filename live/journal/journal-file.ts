import { type FileHandle, open } from 'node:fs/promises';
import { journalPart } from '#core/journal/pool-path.ts';
import type { JournalFileStatus } from './journal-status.ts';

/** Bytes that may wait for the disk before the journal is given up: memory is for requests. */
const MOST_PENDING_BYTES = 64 * 1024 * 1024;

/** What a journal that cannot go on tells of. */
export type JournalFault = (file: string, reason: string) => void;

/**
 * A journal on its way to the disk, in parts. Pieces are written in their order and in the background;
 * each ends with a line, so that only the last line of what a crash leaves can be cut. Where the disk
 * fails, or does not keep up, the journal ends there and says so; requests go on.
 */
export class JournalFile {
  readonly #path: string;
  readonly #partBytes: number;
  readonly #onFault: JournalFault;
  #part = 0;
  #handle: FileHandle;
  #bytesInPart = 0;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | undefined;
  #writtenBytes = 0;
  #fault: string | undefined;

  private constructor(handle: FileHandle, path: string, partBytes: number, onFault: JournalFault) {
    this.#handle = handle;
    this.#path = path;
    this.#partBytes = partBytes;
    this.#onFault = onFault;
  }

  /** Opens a file that must not be there. Rejects with the system's error. */
  static async open(path: string, partBytes: number, onFault: JournalFault): Promise<JournalFile> {
    return new JournalFile(await open(path, 'wx'), path, partBytes, onFault);
  }

  /** How far the file has come, of the pool whose journal it is. */
  statusOf(pool: string): JournalFileStatus {
    return {
      pool,
      file: journalPart(this.#path, this.#part),
      written_bytes: this.#writtenBytes,
      waiting_bytes: this.#pendingBytes,
      fault: this.#fault ?? null,
    };
  }

  /** Takes the next piece, whose bytes belong to the file from now on. */
  write(chunk: Uint8Array): void {
    if (this.#fault !== undefined) return;
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes > MOST_PENDING_BYTES) {
      this.#fail(`the disk does not keep up: ${this.#pendingBytes} bytes wait for it`);
      return;
    }
    this.#writing ??= this.#drain();
  }

  /** Writes what is left, to the disk itself, and closes the file. */
  async close(): Promise<void> {
    await this.#writing;
    try {
      await this.#handle.datasync();
      await this.#handle.close();
    } catch (error) {
      this.#fail(reasonOf(error));
    }
  }

  async #drain(): Promise<void> {
    try {
      while (this.#pending.length > 0 && this.#fault === undefined) {
        const chunks = this.#pending;
        this.#pending = [];
        this.#pendingBytes = 0;
        for (const chunk of chunks) await this.#append(chunk);
      }
    } catch (error) {
      this.#fail(reasonOf(error));
    }
    this.#writing = undefined;
  }

  async #append(chunk: Uint8Array): Promise<void> {
    if (this.#bytesInPart > 0 && this.#bytesInPart + chunk.length > this.#partBytes) {
      await this.#handle.datasync();
      await this.#handle.close();
      this.#handle = await open(journalPart(this.#path, ++this.#part), 'wx');
      this.#bytesInPart = 0;
    }
    for (let at = 0; at < chunk.length; ) {
      at += (await this.#handle.write(chunk, at)).bytesWritten;
    }
    this.#bytesInPart += chunk.length;
    this.#writtenBytes += chunk.length;
  }

  #fail(reason: string): void {
    if (this.#fault !== undefined) return;
    this.#fault = reason;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#onFault(journalPart(this.#path, this.#part), reason);
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
