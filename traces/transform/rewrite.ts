import { InputError } from '#core/base/errors.ts';
import type { TraceBatch } from '../batch.ts';
import type { TraceWriter } from './trace-writer.ts';

/** A trace as it comes in: batches, and what they are known by. */
export interface TraceSource {
  readonly path: string;
  /** Known once the first batch is there. */
  readonly traceBlockSize: number | undefined;
  /** Known with it: whether prompts have content, and hold the output of earlier turns. */
  readonly hasContent: boolean;
  readonly resendsOutput: boolean;
  batches(): AsyncIterable<TraceBatch>;
}

/** What happens to the rows of a trace, given in order. */
export interface RowTransform {
  /** Whether the row stays; the transform may change it in place. */
  take(batch: TraceBatch, row: number, blockSize: number): boolean;
  /** Tokens of a block afterwards, from what they were. */
  blockSize?(before: number): number;
}

/** What a rewrite did so far. */
export interface RewriteCounts {
  read: number;
  written: number;
  /** Tokens of a block in what was written. */
  blockSize: number;
}

/** The rows that a transform keeps, as lines; `counts` is kept up to date. None at all is refused. */
export async function* rewriteTrace(
  source: TraceSource,
  transform: RowTransform,
  writer: TraceWriter,
  counts: RewriteCounts,
): AsyncGenerator<string> {
  let begun = false;
  for await (const batch of source.batches()) {
    const before = source.traceBlockSize ?? counts.blockSize;
    counts.blockSize = transform.blockSize?.(before) ?? before;
    if (!begun) {
      const { hasContent, resendsOutput } = source;
      const head = writer.begin({ blockSize: counts.blockSize, hasContent, resendsOutput });
      if (head !== '') yield head;
      begun = true;
    }
    for (let row = 0; row < batch.count; row++) {
      counts.read++;
      if (!transform.take(batch, row, before)) continue;
      counts.written++;
      yield writer.line(batch, row, counts.blockSize, source.path);
    }
  }
  if (counts.written > 0) return;
  throw new InputError('trace_invalid', 'no request is left', {
    file: source.path,
    remedy: `none of its ${counts.read} requests is kept; choose a wider span or a larger share`,
  });
}
