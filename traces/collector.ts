import { InputError } from '#core/base/errors.ts';
import type { TraceFormat } from '#core/config/trace-formats.ts';
import { TraceBatch } from './batch.ts';
import { detectFormat, openLineReader } from './formats/detect.ts';
import type { TraceLineReader } from './formats/line-reader.ts';
import { LineSplitter } from './formats/lines.ts';
import type { LoadedTrace } from './loaded-trace.ts';

/** Rows and ids after which a new batch begins: columns stay small enough to grow by copying. */
const BATCH_ROWS = 8_192;
const BATCH_HASH_IDS = 1 << 20;

export interface TraceReadOptions {
  readonly format: TraceFormat | 'auto';
  /** Tokens that one hash id stands for; without it, what the format or the file says. */
  readonly traceBlockSize?: number | undefined;
  /** Reads at most this many requests; the rest is not looked at. */
  readonly limit?: number;
  /** Whether a first turn without a timestamp is refused; default true. */
  readonly requireTimestamps?: boolean;
}

/** Turns the bytes of a trace, in any pieces, into batches. Pure: nothing is opened here. */
export class TraceCollector {
  readonly #path: string;
  readonly #options: TraceReadOptions;
  #splitter: LineSplitter;
  /** The file whose lines are read: one of several where a trace comes in shards. */
  #file: string;
  #batches: TraceBatch[] = [];
  #batch = new TraceBatch();
  #reader: TraceLineReader | undefined;
  #format: TraceFormat | undefined;
  #requests = 0;

  constructor(path: string, options: TraceReadOptions) {
    this.#path = path;
    this.#file = path;
    this.#options = options;
    this.#splitter = new LineSplitter(path, (text, line) => this.#takeLine(text, line));
    this.#batches.push(this.#batch);
  }

  /** Lines completed so far. */
  get line(): number {
    return this.#splitter.line;
  }

  /** Told by the first line, or chosen; undefined before that. */
  get format(): TraceFormat | undefined {
    return this.#format;
  }

  /** Whether the limit is reached, so that further bytes change nothing. */
  get full(): boolean {
    return this.#requests >= (this.#options.limit ?? Number.POSITIVE_INFINITY);
  }

  /** Tokens that one hash id stands for; undefined before the first line. */
  get traceBlockSize(): number | undefined {
    return this.#reader?.traceBlockSize;
  }

  /** Whether prompts have content, and hold the output of earlier turns; known with the first line. */
  get hasContent(): boolean {
    return this.#reader?.hasContent ?? false;
  }

  get resendsOutput(): boolean {
    return this.#reader?.resendsOutput ?? false;
  }

  /** Takes the next bytes; throws an InputError at the first line that is wrong. */
  push(bytes: Uint8Array): void {
    if (!this.full) this.#splitter.push(bytes);
  }

  /**
   * The bytes that follow are those of another file of the same trace. Only Dynamo's come in several,
   * in any order.
   */
  openShard(path: string): void {
    if (!this.full) this.#splitter.end();
    this.#splitter = new LineSplitter(path, (text, line) => this.#takeLine(text, line));
    this.#file = path;
    if (this.#format === undefined || this.#format === 'dynamo') return;
    throw new InputError('trace_invalid', 'only a dynamo trace comes in several files', {
      file: path,
      received: `a second file of a ${this.#format} trace`,
      remedy: 'name one file; windtunnel trace merge makes one of several',
    });
  }

  /** Hands over the batches that are complete, so that a stream need not hold the whole trace. */
  takeComplete(): TraceBatch[] {
    const complete = this.#batches.filter((batch) => batch !== this.#batch);
    this.#batches = [this.#batch];
    return complete;
  }

  /** The bytes have ended. `sha256` is of the file as it lies on disk. */
  finish(sha256: string): LoadedTrace {
    if (!this.full) this.#splitter.end();
    if (!this.full && this.#reader?.finish !== undefined) {
      const reader = this.#reader;
      this.#collect((batch) => reader.finish?.(batch));
    }
    if (this.#reader === undefined || this.#format === undefined || this.#requests === 0) {
      const what = this.#splitter.line > 0 ? 'the trace holds no request' : 'the file is empty';
      throw new InputError('trace_invalid', what, {
        file: this.#path,
        remedy: 'give a trace with at least one request',
      });
    }
    return {
      path: this.#path,
      format: this.#format,
      sha256,
      requests: this.#requests,
      batches: this.#batches,
      hasContent: this.#reader.hasContent,
      resendsOutput: this.#reader.resendsOutput ?? false,
      sessions: this.#reader.sessions,
      traceBlockSize: this.#reader.traceBlockSize,
      notes: this.#reader.notes ?? [],
    };
  }

  #takeLine(text: string, line: number): void {
    if (this.full) return;
    const reader = this.#reader ?? this.#openReader(text, line);
    this.#reader = reader;
    this.#collect((batch) => reader.readLine(text, line, batch));
  }

  /** Lets a reader append rows, and takes back those beyond the limit. */
  #collect(append: (batch: TraceBatch) => void): void {
    const batch = this.#roomyBatch();
    const before = batch.count;
    append(batch);
    const room = (this.#options.limit ?? Number.POSITIVE_INFINITY) - this.#requests;
    if (batch.count - before > room) batch.truncate(before + room);
    this.#requests += batch.count - before;
  }

  #openReader(firstLine: string, line: number): TraceLineReader {
    const { format, traceBlockSize, requireTimestamps = true } = this.#options;
    this.#format = format === 'auto' ? detectFormat(firstLine, { file: this.#file, line }) : format;
    const fileNow = (): string => this.#file;
    return openLineReader(this.#format, {
      get file() {
        return fileNow();
      },
      traceBlockSize,
      requireTimestamps,
    });
  }

  #roomyBatch(): TraceBatch {
    const batch = this.#batch;
    if (batch.count < BATCH_ROWS && batch.hashStart[batch.count]! < BATCH_HASH_IDS) return batch;
    this.#batch = new TraceBatch();
    this.#batches.push(this.#batch);
    return this.#batch;
  }
}
