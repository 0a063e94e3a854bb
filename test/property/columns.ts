/** Every column of a table of so many rows, by its name. */
export function columnsOf(table: object, count: number): Record<string, readonly number[]> {
  const columns = Object.entries(table).filter((entry): entry is [string, Float64Array] =>
    ArrayBuffer.isView(entry[1]),
  );
  return Object.fromEntries(
    columns.map(([name, column]) => [name, Array.from(column.subarray(0, count))]),
  );
}
