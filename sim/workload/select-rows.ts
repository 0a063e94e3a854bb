import { RequestTable } from './request-table.ts';

/**
 * A table of some rows of another, in the order given. It goes over whatever columns there are, so
 * that a new one cannot be forgotten; names are shared.
 */
export function selectRows(table: RequestTable, rows: Int32Array): RequestTable {
  const fields = Object.entries(table).map(([name, field]: [string, unknown]) => [
    name,
    isColumn(field) ? pick(field, rows) : field,
  ]);
  return Object.assign(new RequestTable(), Object.fromEntries(fields), { count: rows.length });
}

type Column = Float64Array | Int32Array | Uint8Array;

function isColumn(field: unknown): field is Column {
  return ArrayBuffer.isView(field);
}

/** A column that the table does not have is not given to its selection either. */
function pick(column: Column, rows: Int32Array): Column {
  if (column.length === 0) return column;
  const Kind = column.constructor as new (length: number) => Column;
  const picked = new Kind(rows.length);
  for (let index = 0; index < rows.length; index++) picked[index] = column[rows[index]!]!;
  return picked;
}
