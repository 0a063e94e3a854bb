import type { TraceBatch } from '../batch.ts';

/** What is true of a whole trace that is written. */
export interface WrittenTrace {
  /** Tokens of a block. */
  readonly blockSize: number;
  readonly hasContent: boolean;
  readonly resendsOutput: boolean;
}

/** Writes rows in one format, each as a line with its line end. */
export interface TraceWriter {
  /** Rows so far that had no content. */
  readonly withoutContent: number;
  /** What comes before the first row, with its line end; empty = nothing. Called once. */
  begin(trace: WrittenTrace): string;
  /** The line of a row of `file`; `source` is the number of that file among those merged. */
  line(batch: TraceBatch, row: number, blockSize: number, file: string, source?: number): string;
}
