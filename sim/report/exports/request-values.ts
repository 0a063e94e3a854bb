import { NS_PER_S } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
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
  rows: readonly number[],
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

/** The rows that arrived, and those of them that each target got. */
export function arrivedRows(
  table: RequestTable,
  targets: number,
): { readonly all: readonly number[]; readonly byTarget: readonly (readonly number[])[] } {
  const all: number[] = [];
  const byTarget = Array.from({ length: targets }, (): number[] => []);
  for (let row = 0; row < table.count; row++) {
    if (table.arrivalNs[row] === NEVER) continue;
    all.push(row);
    byTarget[table.worker[row]!]?.push(row);
  }
  return { all, byTarget };
}

/** A histogram over requests: its name, what it says, its bounds, and the number of each request. */
export interface RequestHistogram {
  readonly name: string;
  readonly help: string;
  readonly bounds: readonly number[];
  readonly value: RequestValue;
}
