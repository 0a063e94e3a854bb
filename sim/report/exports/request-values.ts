import { NS_PER_S } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import { arrivedRows } from '../arrived-rows.ts';
import { isCompleted } from '../latency.ts';

/** A number of one request, NaN where it has none. */
export type RequestValue = (table: RequestTable, row: number) => number;

/** Seconds between two moments of a request. */
export function secondsBetween(
  from: (table: RequestTable) => Float64Array,
  to: (table: RequestTable) => Float64Array,
): RequestValue {
  return (table, row) => {
    const start = from(table)[row]!;
    const end = to(table)[row]!;
    return start === NEVER || end === NEVER ? Number.NaN : (end - start) / NS_PER_S;
  };
}

/** Values of the completed requests among `rows` that have one, sorted. */
export function sortedValues(
  table: RequestTable,
  rows: Int32Array,
  value: RequestValue,
): Float64Array {
  const values = new Float64Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const told = isCompleted(table, row) ? value(table, row) : Number.NaN;
    if (!Number.isNaN(told)) values[count++] = told;
  }
  return values.subarray(0, count).sort();
}

/** The rows that each target got. */
export function rowsByTarget(table: RequestTable, targets: number): readonly Int32Array[] {
  const lists = Array.from({ length: targets }, (): number[] => []);
  for (const row of arrivedRows(table)) lists[table.worker[row]!]?.push(row);
  return lists.map((list) => Int32Array.from(list));
}

/** A histogram over requests: its name, what it says, its bounds, and the number of each request. */
export interface RequestHistogram {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly value: RequestValue;
}
