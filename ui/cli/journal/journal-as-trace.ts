import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError } from '#core/base/errors.ts';
import { readHeader } from '#core/journal/header.ts';
import {
  BEGINNING_BYTES,
  beginsAsJournal,
  type JournalHeader,
} from '#core/journal/header-lines.ts';
import { TraceCollector, type TraceReadOptions } from '#traces/collector.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { JournalTrace } from './journal-trace.ts';
import { journalTraceLines } from './journal-trace-lines.ts';
import { unendedNotes } from './output.ts';

/** A first line is no longer than this: it holds a config, and no more. */
const HEAD_BYTES = 1 << 20;

/** By so many a journal is told, also when they are compressed. */
const FIRST_BYTES = 16 * 1024;

/** Whether a file begins as a journal does; one that is not there does not. */
export function isJournal(path: string): boolean {
  return beginsAsJournal(headOf(path, FIRST_BYTES).subarray(0, BEGINNING_BYTES).toString('utf8'));
}

/** What the first line of a journal says; throws as the reader of journals does. */
export function journalHeader(path: string): JournalHeader {
  const head = headOf(path, HEAD_BYTES);
  const end = head.indexOf(10);
  return readHeader(JSON.parse(head.subarray(0, end).toString('utf8')), path);
}

/**
 * The requests of a journal, as `journal to-trace` writes them, read as a trace. Its blocks are those
 * of the router; a size that the user wrote and that is another one is refused.
 */
export async function readJournalAsTrace(
  path: string,
  options: TraceReadOptions,
): Promise<LoadedTrace> {
  const { router, unitBlocks } = journalHeader(path);
  const traceBlockSize = router.blockSize * unitBlocks;
  const { traceBlockSize: written = traceBlockSize } = options;
  if (written !== traceBlockSize) {
    throw new InputError('config_invalid', 'the blocks of the journal have another size', {
      file: path,
      path: 'workload.trace_block_size',
      received: written,
      allowed: String(traceBlockSize),
      remedy: 'leave it out',
    });
  }
  const trace = new JournalTrace(path);
  const collector = new TraceCollector(path, { ...options, format: 'mooncake', traceBlockSize });
  const hash = createHash('sha256');
  for await (const line of journalTraceLines(path, trace)) {
    const bytes = Buffer.from(line);
    hash.update(bytes);
    collector.push(bytes);
  }
  const { whole } = trace.reader.finish();
  const loaded = collector.finish(hash.digest('hex'));
  const note = `a journal of ${loaded.requests} requests${whole ? '' : ', cut before its end'}`;
  return { ...loaded, notes: [note, ...unendedNotes(trace.unended), ...loaded.notes] };
}

/** How a file begins, unpacked; nothing of one that is not there. */
export function headOf(path: string, bytesMost: number): Buffer {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return Buffer.alloc(0);
  const head = Buffer.alloc(bytesMost);
  const file = openSync(path, 'r');
  try {
    const bytes = head.subarray(0, readSync(file, head));
    const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return zipped ? gunzipHead(bytes) : bytes;
  } finally {
    closeSync(file);
  }
}

function gunzipHead(bytes: Uint8Array): Buffer {
  try {
    return gunzipSync(bytes, { finishFlush: 2 });
  } catch {
    return Buffer.alloc(0);
  }
}
