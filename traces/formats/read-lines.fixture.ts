import type { TraceFormat } from '#core/config/trace-formats.ts';
import { TraceBatch } from '../batch.ts';
import { openLineReader } from './detect.ts';
import type { LineReaderOptions, TraceLineReader } from './line-reader.ts';

/** What a reader made of some lines of the file `t`. */
export interface LinesRead {
  readonly batch: TraceBatch;
  readonly reader: TraceLineReader;
}

/** Reads lines as the file `t` in one batch, objects as JSON. */
export function readLines(
  format: TraceFormat,
  lines: readonly unknown[],
  options: Partial<LineReaderOptions> = {},
): LinesRead {
  const defaults = { file: 't', traceBlockSize: undefined, requireTimestamps: true };
  const reader = openLineReader(format, { ...defaults, ...options });
  const batch = new TraceBatch();
  for (const [index, line] of lines.entries()) {
    reader.readLine(typeof line === 'string' ? line : JSON.stringify(line), index + 1, batch);
  }
  reader.finish?.(batch);
  return { batch, reader };
}

/** The rows of a batch as objects; a column without a value is absent. */
export function rowsOf(batch: TraceBatch): readonly Readonly<Record<string, unknown>>[] {
  return Array.from({ length: batch.count }, (_, row) => {
    const ids = batch.hashIds.subarray(batch.hashStart[row], batch.hashStart[row + 1]);
    const timestamp = batch.timestampMs[row]!;
    const delay = batch.delayMs[row]!;
    return {
      ...(Number.isNaN(timestamp) ? {} : { timestamp }),
      ...(Number.isNaN(delay) ? {} : { delay }),
      ...(batch.sessionId[row] === undefined ? {} : { session: batch.sessionId[row] }),
      input: batch.inputTokens[row],
      output: batch.outputTokens[row],
      ids: [...ids],
    };
  });
}
