import { createReadStream, existsSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import { journalPart } from '#core/journal/pool-path.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * Hands the text of a journal, plain or gzip (told by its first bytes), to `take`, piece by piece,
 * the parts of one that was written in parts behind each other, until it returns false. A file that was cut ends where it was cut; one that is damaged, or not
 * there, is an InputError. `lineOf` says how far the journal has been understood.
 */
export async function readJournalFile(
  path: string,
  take: (chunk: Uint8Array) => boolean,
  lineOf: () => number,
): Promise<void> {
  for await (const chunk of readJournalChunks(path, lineOf)) {
    if (!take(chunk)) return;
  }
}

/** The same as a stream of pieces. */
export async function* readJournalChunks(
  path: string,
  lineOf: () => number,
): AsyncGenerator<Uint8Array> {
  try {
    yield* textOf(path);
  } catch (error) {
    throw explain(error, path, lineOf());
  }
}

async function* textOf(path: string): AsyncGenerator<Uint8Array> {
  yield* textOfPart(path);
  for (let part = 1; existsSync(journalPart(path, part)); part++) {
    yield* textOfPart(journalPart(path, part));
  }
}

async function* textOfPart(path: string): AsyncGenerator<Uint8Array> {
  const source = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const first = await chunks.next();
  if (first.done === true) return;
  const whole = startingWith(first.value, chunks);
  const zipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
  yield* zipped ? gunzip(whole) : whole;
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  for (let step = await rest.next(); step.done !== true; step = await rest.next()) yield step.value;
}

/** The text as far as it can be told: without the end of a file there is no error, only no more. */
function gunzip(chunks: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  // An error of either end reaches whoever iterates over `unzip`; nothing is left for the callback.
  pipeline(chunks, unzip, () => undefined);
  return unzip;
}

function explain(error: unknown, path: string, line: number): unknown {
  if (error instanceof WindtunnelError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  switch (code) {
    case '':
      return error;
    case 'ENOENT':
      return new InputError('journal_unreadable', 'there is no such file', {
        file: path,
        remedy: 'write a journal with windtunnel replay TRACE --journal FILE',
      });
    case 'Z_DATA_ERROR':
      return new InputError('journal_invalid', `the gzip file is damaged after line ${line}`, {
        file: path,
        remedy: 'write the journal again',
      });
    default:
      return new InputError('journal_unreadable', `the journal cannot be read (${code})`, {
        file: path,
        remedy: 'check the path and its permissions',
      });
  }
}
