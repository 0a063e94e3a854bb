import { TraceBatch } from '#traces/batch.ts';

/** Each copy's ids are its own: the original's plus copy · this, which exceeds every id of it. */
const IDS_PER_COPY = 200_000;

/** How a trace is repeated. All times are whole milliseconds of the trace's own clock. */
export interface Repetition {
  readonly copies: number;
  /** Copy n begins n · spacing after the first. The stream is copies · spacing long. */
  readonly spacingMs: number;
  /** Length of trace time that one batch covers. */
  readonly sliceMs: number;
}

/** A trace in one piece: the original of the copies. */
export function joinBatches(batches: Iterable<TraceBatch>): TraceBatch {
  const joined = new TraceBatch();
  for (const batch of batches) {
    for (let from = 0; from < batch.count; from++) copyRow(batch, from, 0, joined);
  }
  return joined;
}

/**
 * Overlapping copies of a trace in one stream ordered by time, a slice of time a batch, each made
 * when it is asked for. What a copy has left when the stream ends is sent at its beginning, so that
 * requests come at the same rate from the first moment to the last.
 *
 * @param original rows in order of time
 */
export function* repeatTrace(
  original: TraceBatch,
  { copies, spacingMs, sliceMs }: Repetition,
): Generator<TraceBatch> {
  const lengthMs = copies * spacingMs;
  const rows = original.count;
  for (let fromMs = 0; fromMs < lengthMs; fromMs += sliceMs) {
    const toMs = Math.min(lengthMs, fromMs + sliceMs);
    const keys = keysOfSlice(original, copies, spacingMs, fromMs, toMs);
    const batch = new TraceBatch();
    for (const key of keys) {
      const place = key % (copies * rows);
      const copy = Math.floor(place / rows);
      const row = copyRow(original, place % rows, copy, batch);
      batch.timestampMs[row] = Math.floor(key / (copies * rows));
    }
    if (batch.count > 0) yield batch;
  }
}

/** The rows of one slice in order of time: each is time · all rows + copy · rows + row. */
function keysOfSlice(
  original: TraceBatch,
  copies: number,
  spacingMs: number,
  fromMs: number,
  toMs: number,
): Float64Array {
  const lengthMs = copies * spacingMs;
  const rows = original.count;
  const keys: number[] = [];
  for (let copy = 0; copy < copies; copy++) {
    for (const shiftMs of [copy * spacingMs, copy * spacingMs - lengthMs]) {
      for (let row = firstAt(original, fromMs - shiftMs); row < rows; row++) {
        const timeMs = original.timestampMs[row]! + shiftMs;
        if (timeMs >= toMs) break;
        keys.push(timeMs * copies * rows + copy * rows + row);
      }
    }
  }
  return Float64Array.from(keys).sort();
}

/** The first row at or after a time. */
function firstAt(trace: TraceBatch, timeMs: number): number {
  let low = 0;
  let high = trace.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (trace.timestampMs[middle]! < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function copyRow(from: TraceBatch, row: number, copy: number, to: TraceBatch): number {
  const appended = to.append(
    copy * from.count + from.line[row]!,
    from.inputTokens[row]!,
    from.outputTokens[row]!,
  );
  to.timestampMs[appended] = from.timestampMs[row]!;
  const end = from.hashStart[row + 1]!;
  for (let at = from.hashStart[row]!; at < end; at++) {
    to.appendHashId(from.hashIds[at]! + copy * IDS_PER_COPY);
  }
  return appended;
}
