import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, globSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { stdin } from 'node:process';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { InputError, WindtunnelError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import type { TraceBatch } from './batch.ts';
import { TraceCollector, type TraceReadOptions } from './collector.ts';
import { LineSplitter, type LineVisitor } from './formats/lines.ts';
import { refuseForeignBytes } from './formats/magic.ts';
import type { LoadedTrace } from './loaded-trace.ts';

const CHUNK_BYTES = 256 * 1024;

/** Files of a folder that are taken for shards of one trace. */
const SHARD = /\.jsonl(?:\.gz)?$/;

/** The path that stands for standard input. */
const STANDARD_INPUT = '-';

/**
 * Reads and checks a whole trace, plain or gzip (told by its first bytes), in one pass and without
 * holding its text. Anything wrong with the file is one InputError with place and remedy.
 */
export async function readTraceFile(path: string, options: TraceReadOptions): Promise<LoadedTrace> {
  const collector = new TraceCollector(path, options);
  const hash = createHash('sha256');
  for await (const _ of feed(path, collector, hash));
  return collector.finish(hash.digest('hex'));
}

/**
 * Hands the lines of a text file, plain or gzip, to `visit`, numbered from 1, without holding them as
 * a whole. Throws an InputError as `readTraceFile` does.
 */
export async function visitLines(path: string, visit: LineVisitor): Promise<void> {
  const splitter = new LineSplitter(path, visit);
  try {
    for await (const bytes of textOf(path, createHash('sha256'))) splitter.push(bytes);
  } catch (error) {
    throw explain(error, path, splitter.line);
  }
  splitter.end();
}

/** A trace that is read batch by batch, and never held as a whole. */
export class TraceStream {
  readonly path: string;
  readonly #collector: TraceCollector;
  #notes: readonly string[] = [];

  constructor(path: string, options: TraceReadOptions) {
    this.path = path;
    this.#collector = new TraceCollector(path, options);
  }

  /** Tokens that one hash id stands for; known once the first batch has been yielded. */
  get traceBlockSize(): number | undefined {
    return this.#collector.traceBlockSize;
  }

  /** Whether prompts have content, and hold the output of earlier turns; known with it. */
  get hasContent(): boolean {
    return this.#collector.hasContent;
  }

  get resendsOutput(): boolean {
    return this.#collector.resendsOutput;
  }

  /** What the reader dropped or decided; complete after the last batch. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** The batches, once. Throws as `readTraceFile` does, at the line that is wrong. */
  async *batches(): AsyncGenerator<TraceBatch> {
    const hash = createHash('sha256');
    for await (const _ of feed(this.path, this.#collector, hash)) {
      yield* this.#collector.takeComplete();
    }
    const last = this.#collector.finish(hash.digest('hex'));
    this.#notes = last.notes;
    yield* last.batches;
  }
}

/** Pushes the bytes of a trace into a collector, file by file; yields after each piece. */
async function* feed(path: string, collector: TraceCollector, hash: Hash): AsyncGenerator<void> {
  const shards = shardsOrExplain(path);
  const folder = isFolder(path);
  for (const shard of shards) {
    if (shard !== path) collector.openShard(shard);
    try {
      for await (const bytes of textOf(shard, hash)) {
        collector.push(bytes);
        if (folder) refuseFolder(path, shard, collector);
        yield;
      }
    } catch (error) {
      if (folder) refuseFolder(path, shard, collector);
      throw explain(error, shard, collector.line);
    }
  }
}

/** Only Dynamo's traces come as folders; a file that happens to lie in another one is not meant. */
function refuseFolder(path: string, shard: string, { format, line }: TraceCollector): void {
  if (format === 'dynamo' || (format === undefined && line === 0)) return;
  throw new InputError('trace_unreadable', 'a folder is read as the shards of a dynamo trace', {
    file: path,
    received: `${basename(shard)} in it, which is none`,
    remedy: 'name the trace file itself',
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function shardsOrExplain(path: string): readonly string[] {
  try {
    return shardsOf(path);
  } catch (error) {
    throw explain(error, path, 0);
  }
}

/** The files of a trace: those of a folder or of a pattern with *, by name, or the one that is named. */
function shardsOf(path: string): readonly string[] {
  const folder = isFolder(path);
  if (!folder && (!path.includes('*') || existsSync(path))) return [path];
  const shards = folder
    ? siblings(path)
        .filter((name) => SHARD.test(name))
        .map((name) => join(path, name))
    : globSync(path).sort();
  if (shards.length > 0) return shards;
  throw new InputError('trace_unreadable', 'no trace file is there', {
    file: path,
    remedy: folder ? 'name a folder with .jsonl or .jsonl.gz files' : 'check the pattern',
  });
}

/** The bytes of a whole file, decompressed if need be. Throws an InputError as `readTraceFile` does. */
export async function readBytes(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  try {
    for await (const bytes of contentOf(path, createHash('sha256'))) parts.push(bytes);
  } catch (error) {
    throw explain(error, path, 0);
  }
  return Buffer.concat(parts);
}

/** The bytes of a text file; anything else is refused by its first bytes. */
async function* textOf(path: string, hash: Hash): AsyncGenerator<Uint8Array> {
  let begun = false;
  for await (const bytes of contentOf(path, hash)) {
    if (!begun) refuseForeignBytes(bytes, path);
    begun = true;
    yield bytes;
  }
}

/** The bytes of the file, decompressed if need be; `hash` sees them as they lie on disk. */
async function* contentOf(path: string, hash: Hash): AsyncGenerator<Uint8Array> {
  const chunks = digestedChunks(path, hash);
  const first = await chunks.next();
  if (first.done === true) return;
  const whole = startingWith(first.value, chunks);
  const zipped = first.value[0] === 0x1f && first.value[1] === 0x8b;
  yield* zipped ? gunzip(whole) : whole;
}

async function* digestedChunks(path: string, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of streamOf(path)) {
    hash.update(chunk);
    yield chunk;
  }
}

/**
 * Node's own stream of standard input waits for a producer that has nothing yet, whatever is behind
 * it; reading the descriptor itself fails there (EAGAIN) where another process made it non-blocking.
 */
function streamOf(path: string): AsyncIterable<Uint8Array> {
  if (path === STANDARD_INPUT) return stdin;
  return createReadStream(path, { highWaterMark: CHUNK_BYTES });
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

function gunzip(chunks: AsyncGenerator<Uint8Array>): AsyncIterable<Uint8Array> {
  const unzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // An error of either end reaches whoever iterates over `unzip`; nothing is left for the callback.
  pipeline(chunks, unzip, () => undefined);
  return unzip;
}

function explain(error: unknown, path: string, line: number): unknown {
  if (error instanceof WindtunnelError || !(error instanceof Error)) return error;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const place = { file: path };
  switch (code) {
    case 'ENOENT':
      return missingFile(path);
    case 'EISDIR':
      return new InputError('trace_unreadable', 'this is a directory', {
        ...place,
        remedy: 'name a trace file in it',
      });
    case 'Z_BUF_ERROR':
      return new InputError('trace_invalid', `the gzip file is cut off after line ${line}`, {
        ...place,
        remedy: 'fetch or compress it again',
      });
    case 'Z_DATA_ERROR':
      return new InputError('trace_invalid', `the gzip file is damaged after line ${line}`, {
        ...place,
        remedy: 'fetch or compress it again',
      });
  }
  if (code === '') return error;
  return new InputError('trace_unreadable', `the trace cannot be read (${code})`, {
    ...place,
    remedy: 'check the path and its permissions',
  });
}

function missingFile(path: string): InputError {
  if (path === '') {
    return new InputError('trace_unreadable', 'the name of the trace is empty', {
      remedy: 'give the path of a trace, or - for standard input',
    });
  }
  const nearest = nearestName(basename(path), siblings(dirname(path)));
  return new InputError('trace_unreadable', 'there is no such file', {
    file: path,
    ...(nearest === undefined ? {} : { nearest }),
    remedy: 'give the path of a trace (.jsonl, .csv, plain or .gz)',
  });
}

function siblings(folder: string): string[] {
  try {
    return readdirSync(folder).sort().slice(0, 10_000);
  } catch {
    return [];
  }
}
