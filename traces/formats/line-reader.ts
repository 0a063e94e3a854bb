import type { TraceBatch } from '../batch.ts';

/** Tokens of a trace block where nobody says otherwise: what the published Mooncake traces use. */
export const DEFAULT_TRACE_BLOCK_SIZE = 512;

/** What every reader of a line-by-line format must know. */
export interface LineReaderOptions {
  /** Named in errors; changes where a trace comes in several files. */
  readonly file: string;
  /** Tokens that one hash id stands for; undefined = what the format or the file says. */
  readonly traceBlockSize: number | undefined;
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
  /** Whether the prompts of later turns hold what was generated for earlier ones; absent = no. */
  readonly resendsOutput?: boolean;
  /** Distinct sessions among the lines read so far. */
  readonly sessions: number;
  /** Tokens that one hash id stands for; known once a line is read. */
  readonly traceBlockSize: number;
  /** What was dropped or decided, with counts, in words for the user; absent = nothing was. */
  readonly notes?: readonly string[];
  /** Reads a line without its line end and appends the rows that it holds, if any. */
  readLine(text: string, line: number, batch: TraceBatch): void;
  /** The lines have ended: appends what had to wait for the last one. */
  finish?(batch: TraceBatch): void;
}
