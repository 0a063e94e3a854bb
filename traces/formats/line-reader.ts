import type { TraceBatch } from '../batch.ts';

/** What every reader of a line-by-line format must know. */
export interface LineReaderOptions {
  /** Named in errors. */
  readonly file: string;
  /** Tokens that one hash id stands for. */
  readonly traceBlockSize: number;
  /** Whether a first turn without a timestamp is refused; false when arrivals are not the trace's. */
  readonly requireTimestamps: boolean;
}

/**
 * Turns the lines of one file, given in order, into rows. A reader is pure: it holds only what it
 * needs to compare lines with each other. It throws an InputError that names file, line and value.
 */
export interface TraceLineReader {
  /** Whether the format says which prompts share blocks. */
  readonly hasContent: boolean;
  /** Distinct sessions among the lines read so far. */
  readonly sessions: number;
  /** Reads a line without its line end and appends its row, if it is one (a header is not). */
  readLine(text: string, line: number, batch: TraceBatch): void;
}
