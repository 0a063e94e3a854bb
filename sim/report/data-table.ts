import { csvLine } from './csv-line.ts';

/** A named column of a table that leaves the program; an undefined cell has no value. */
export interface DataColumn {
  readonly name: string;
  readonly kind: 'int' | 'double' | 'string';
  readonly values: readonly (string | number | undefined)[];
}

/** Columns of equal length, as CSV and Parquet take them. */
export type DataTable = readonly DataColumn[];

/** The rows of a table, 0 without columns. */
export function rowCount(table: DataTable): number {
  return table[0]?.values.length ?? 0;
}

/** The table as CSV, a header and a line a row, without holding them all. */
export function* csvLines(table: DataTable): Generator<string> {
  yield csvLine(table.map(({ name }) => name));
  const rows = rowCount(table);
  for (let row = 0; row < rows; row++) yield csvLine(table.map(({ values }) => values[row]));
}

/** A column of numbers, of which NaN is no value. */
export function numberColumn(
  name: string,
  kind: 'int' | 'double',
  values: Iterable<number>,
): DataColumn {
  return { name, kind, values: Array.from(values, (v) => (Number.isNaN(v) ? undefined : v)) };
}
