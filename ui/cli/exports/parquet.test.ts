import { parquetMetadata, parquetReadObjects } from 'hyparquet';
import { expect, test } from 'vitest';
import { requestColumns, requestRow } from '#sim/report/request-rows.ts';
import { handRun } from '#sim/report/run-result.fixture.ts';
import { parquetFile } from './parquet.ts';

const { requests } = handRun([
  { arrivalMs: 0.25, admitMs: 5, tokensMs: [50, 60.000001], session: 'ä, "b"', tenant: 'paid' },
  { arrivalMs: 1, terminalMs: 2, status: 'rejected', inputTokens: 90_000 },
  { arrivalMs: 3, admitMs: 4, terminalMs: 9, worker: 3 },
]);

function fileOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
}

test('another reader finds the rows of requests.jsonl, and null where they have no value', async () => {
  const columns = requestColumns(requests);
  const file = fileOf(parquetFile(columns, { 'windtunnel.seed': '42' }));
  const rows = await parquetReadObjects({ file });
  expect(rows).toHaveLength(3);
  for (const [row, read] of rows.entries()) {
    const expected = requestRow(requests, row);
    for (const { name } of columns) expect(read[name], name).toBe(expected[name] ?? null);
  }
  const metadata = parquetMetadata(file);
  expect(metadata.key_value_metadata).toContainEqual({ key: 'windtunnel.seed', value: '42' });
  const types = metadata.schema.slice(1).map(({ name, type }) => [name, type]);
  expect(types).toContainEqual(['arrival_ms', 'DOUBLE']);
  expect(types).toContainEqual(['input_tokens', 'INT32']);
});

test('a table without rows is a file without rows', async () => {
  const empty = requestColumns(handRun([]).requests);
  const file = fileOf(parquetFile(empty, {}));
  expect(Number(parquetMetadata(file).num_rows)).toBe(0);
  expect(await parquetReadObjects({ file })).toEqual([]);
});
