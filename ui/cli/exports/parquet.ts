import { type BasicType, parquetWriteBuffer } from 'hyparquet-writer';
import type { DataColumn, DataTable } from '#sim/report/data-table.ts';

const TYPES: Readonly<Record<DataColumn['kind'], BasicType>> = {
  int: 'INT32',
  double: 'DOUBLE',
  string: 'STRING',
};

/** Rows of one row group: a reader that wants a part need not take more. */
const ROW_GROUP_ROWS = 100_000;

/**
 * The table as a Parquet file, Snappy, every column optional: a cell without a value is null.
 * `metadata` stands in the file's footer.
 */
export function parquetFile(
  table: DataTable,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const buffer = parquetWriteBuffer({
    columnData: table.map(({ name, kind, values }) => {
      return { name, type: TYPES[kind], nullable: true, data: values.map((cell) => cell ?? null) };
    }),
    rowGroupSize: ROW_GROUP_ROWS,
    kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    createdBy: 'windtunnel',
  });
  return new Uint8Array(buffer);
}
