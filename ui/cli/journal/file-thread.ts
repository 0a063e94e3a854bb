import { closeSync, openSync, writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { type FileTask, PENDING, type WriteMessage } from './file-task.ts';

// The thread behind a JournalFile: it compresses and writes one piece after the other. A piece
// becomes a gzip member of its own, so that a file that is cut loses only what came last.

const { path, zipped, pending } = workerData as FileTask;
let file: number | undefined;
let failure: string | undefined;

function write(bytes: Uint8Array): void {
  try {
    file ??= openSync(path, 'w');
    const content = zipped ? gzipSync(bytes, { level: 1 }) : bytes;
    for (let done = 0; done < content.length; ) done += writeSync(file, content, done);
  } catch (error) {
    // Said when all is handed over; until then pieces are taken and dropped.
    failure = error instanceof Error ? error.message : String(error);
  }
}

function close(): void {
  try {
    if (file !== undefined) closeSync(file);
  } catch (error) {
    failure ??= error instanceof Error ? error.message : String(error);
  }
}

parentPort?.on('message', (bytes: WriteMessage) => {
  if (bytes !== 'end') {
    if (failure === undefined) write(bytes);
    Atomics.sub(pending, PENDING, 1);
    Atomics.notify(pending, PENDING);
    return;
  }
  close();
  parentPort?.postMessage(failure);
  parentPort?.close();
});
