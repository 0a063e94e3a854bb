import {
  closeSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pid } from 'node:process';
import { WindtunnelError } from '#core/base/errors.ts';
import { deferSignals } from './signals.ts';

/** Text gathered before it is handed to the system. */
const CHUNK_LENGTH = 1 << 20;

/** A file to be written: its bytes or text whole, or text in pieces that need not be held together. */
export interface OutputFile {
  readonly path: string;
  readonly content: string | Uint8Array | Iterable<string>;
}

/**
 * Writes files that belong together: all under temporary names beside them, then all renamed in
 * order. When one cannot be written, nothing is left of any, nor of the folders made for them.
 * Throws `output_unwritable`, which ends with exit code 1: the input was fine, the disk was not.
 */
export function writeFilesAtomically(files: readonly OutputFile[]): void {
  const resumeSignals = deferSignals();
  const made: string[] = [];
  const undo: (() => void)[] = [];
  let current = '';
  try {
    for (const { path, content } of files) {
      current = path;
      makeFolder(dirname(path), made);
      const temporary = temporaryName(path);
      undo.push(() => rmSync(temporary, { force: true }));
      writeContent(temporary, content);
    }
    for (const { path } of files) {
      current = path;
      const isNew = statSync(path, { throwIfNoEntry: false }) === undefined;
      renameSync(temporaryName(path), path);
      if (isNew) undo.push(() => rmSync(path, { force: true }));
    }
  } catch (error) {
    for (const step of undo) attempt(step);
    for (const folder of made.reverse()) attempt(() => rmdirSync(folder));
    throw unwritable(error, current);
  } finally {
    resumeSignals();
  }
}

/** What cannot be taken away must not hide why it is to be. */
function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // Said by the error that is thrown next.
  }
}

function temporaryName(path: string): string {
  return `${path}.${pid}.tmp`;
}

function unwritable(error: unknown, path: string): WindtunnelError {
  if (error instanceof WindtunnelError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new WindtunnelError('output_unwritable', `${path}: cannot be written: ${reason}`, {
    file: path,
  });
}

/**
 * Makes a folder and those above it, and notes which were missing. Node's own recursive mode never
 * returns where the system has no such place, as below /proc.
 */
function makeFolder(folder: string, made: string[]): void {
  const missing: string[] = [];
  let place = resolve(folder);
  while (statSync(place, { throwIfNoEntry: false }) === undefined && dirname(place) !== place) {
    missing.push(place);
    place = dirname(place);
  }
  for (const name of missing.reverse()) {
    mkdirSync(name);
    made.push(name);
  }
}

function writeContent(path: string, content: OutputFile['content']): void {
  const file = openSync(path, 'w');
  try {
    if (content instanceof Uint8Array) {
      writeWhole(file, content);
      return;
    }
    const pieces = typeof content === 'string' ? [content] : content;
    let chunk = '';
    for (const piece of pieces) {
      chunk += piece;
      if (chunk.length < CHUNK_LENGTH) continue;
      writeWhole(file, Buffer.from(chunk));
      chunk = '';
    }
    writeWhole(file, Buffer.from(chunk));
  } finally {
    closeSync(file);
  }
}

/** A write may take only a part, as onto a disk that is nearly full. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
