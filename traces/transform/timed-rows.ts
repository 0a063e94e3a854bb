import type { TraceBatch } from '../batch.ts';

/** A row, and the time at which a merge takes it. */
export interface TimedRow {
  readonly batch: TraceBatch;
  readonly row: number;
  readonly timeMs: number;
}

/**
 * The rows of one trace in its order, each with a time that never goes back. First turns have theirs.
 * A later turn may stand anywhere behind its first one: it is taken at its own time, but not after
 * the next first turn of the file, which must not be held up.
 */
export async function* timedRows(batches: AsyncIterable<TraceBatch>): AsyncGenerator<TimedRow> {
  const sessions = new Set<string>();
  const waiting: { readonly batch: TraceBatch; readonly row: number }[] = [];
  let lastMs = Number.NEGATIVE_INFINITY;
  const release = function* (boundMs: number): Generator<TimedRow> {
    for (const { batch, row } of waiting) {
      const ownMs = batch.timestampMs[row]!;
      if (!Number.isNaN(ownMs)) lastMs = Math.max(lastMs, Math.min(ownMs, boundMs));
      yield { batch, row, timeMs: lastMs };
    }
    waiting.length = 0;
  };
  for await (const batch of batches) {
    for (let row = 0; row < batch.count; row++) {
      const session = batch.sessionId[row];
      if (session !== undefined && sessions.has(session)) {
        waiting.push({ batch, row });
        continue;
      }
      if (session !== undefined) sessions.add(session);
      const timeMs = batch.timestampMs[row]!;
      yield* release(timeMs);
      lastMs = timeMs;
      yield { batch, row, timeMs };
    }
  }
  yield* release(Number.POSITIVE_INFINITY);
}
