import { InputError } from '#core/base/errors.ts';
import { nearestName } from '#core/base/nearest.ts';
import type { TraceBatch } from '../batch.ts';

/** What the requests of a graph are put in order with. */
interface Graph {
  /** Predecessors of each row, as rows. */
  readonly before: readonly (readonly number[])[];
  /** Rows that wait for each row. */
  readonly after: readonly number[][];
}

/**
 * The rows of a graph of requests in the order in which they can be sent: each behind all that it waits
 * for, and by the time at which it would be sent if requests took none. Names must be unique.
 *
 * @throws InputError for a name that no row has, and for requests that wait for each other
 */
export function requestOrder(rows: TraceBatch, file: string): number[] {
  const graph = connect(rows, file);
  const missing = graph.before.map((before) => before.length);
  const ready: number[] = [];
  for (let row = 0; row < rows.count; row++) if (missing[row] === 0) ready.push(row);
  const timeMs = new Float64Array(rows.count);
  // Rows enter `ready` behind what they wait for, so that their place in it is a topological rank.
  for (let rank = 0; rank < ready.length; rank++) {
    const row = ready[rank]!;
    timeMs[row] = earliestMs(rows, row, graph.before[row]!, timeMs);
    for (const target of graph.after[row]!) if (--missing[target]! === 0) ready.push(target);
  }
  if (ready.length < rows.count) refuseCycle(rows, missing, file);
  const rankOf = new Int32Array(rows.count);
  for (const [rank, row] of ready.entries()) rankOf[row] = rank;
  return ready.sort((a, b) => timeMs[a]! - timeMs[b]! || rankOf[a]! - rankOf[b]!);
}

function connect(rows: TraceBatch, file: string): Graph {
  const rowOf = new Map<string, number>();
  for (let row = 0; row < rows.count; row++) {
    const name = rows.requestId[row];
    if (name !== undefined) rowOf.set(name, row);
  }
  const after: number[][] = Array.from({ length: rows.count }, () => []);
  const before = after.map((_, row) => {
    const { start, requestId } = rows.predecessors;
    return requestId.slice(start[row], start[row + 1]).map((name) => {
      const found = rowOf.get(name);
      if (found === undefined) refuseUnknown(name, rowOf, rows.line[row]!, file);
      after[found]!.push(row);
      return found;
    });
  });
  return { before, after };
}

function earliestMs(
  rows: TraceBatch,
  row: number,
  before: readonly number[],
  timeMs: Float64Array,
): number {
  const { start, delayMs } = rows.predecessors;
  const ownMs = rows.timestampMs[row]!;
  return before.reduce(
    (latest, other, index) => Math.max(latest, timeMs[other]! + delayMs[start[row]! + index]!),
    Number.isNaN(ownMs) ? 0 : ownMs,
  );
}

function refuseUnknown(
  name: string,
  known: ReadonlyMap<string, number>,
  line: number,
  file: string,
): never {
  const nearest = nearestName(name, [...known.keys()].slice(0, 10_000));
  throw new InputError('trace_invalid', 'the request waits for one that is not in the trace', {
    file,
    line,
    received: name,
    ...(nearest === undefined ? {} : { nearest }),
    remedy: 'name the request_id of another row',
  });
}

function refuseCycle(rows: TraceBatch, missing: readonly number[], file: string): never {
  const stuck = missing.findIndex((count) => count > 0);
  throw new InputError(
    'trace_invalid',
    'the request waits for itself, directly or through others',
    {
      file,
      line: rows.line[stuck]!,
      path: 'request_id',
      received: rows.requestId[stuck] ?? 'nothing',
      remedy: 'remove one of the requests that it waits for',
    },
  );
}
