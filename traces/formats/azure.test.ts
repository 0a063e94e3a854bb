import { expect, test } from 'vitest';
import { TraceBatch } from '../batch.ts';
import { AZURE_HEADER, AzureReader } from './azure.ts';

function read(...rows: readonly string[]): TraceBatch {
  const reader = new AzureReader({ file: 't.csv', traceBlockSize: 512, requireTimestamps: true });
  const batch = new TraceBatch();
  for (const [index, text] of rows.entries()) reader.readLine(text, index + 1, batch);
  return batch;
}

test('times become milliseconds since the first row, to 100 ns', () => {
  const batch = read(
    AZURE_HEADER,
    '2023-11-16 18:15:46.6805900,374,44',
    '2023-11-16 18:15:46.6805901,396,0',
    '2023-11-17 18:15:47.1805900,879,55',
  );
  expect(batch.count).toBe(3);
  expect(batch.timestampMs[0]).toBe(0);
  expect(batch.timestampMs[1]).toBeCloseTo(0.0001, 9);
  expect(batch.timestampMs[2]).toBeCloseTo(86_400_500, 6);
  expect([...batch.inputTokens.subarray(0, 3)]).toEqual([374, 396, 879]);
  expect(batch.hashStart[3]).toBe(0);
});

test('takes the offset and the short fraction of the 2024 files', () => {
  const batch = read(
    AZURE_HEADER,
    '2024-05-10 00:00:00.009930+00:00,5,1',
    '2024-05-10 00:00:01Z,5,1',
  );
  expect(batch.timestampMs[1]).toBeCloseTo(990.07, 9);
});

test.each([
  [
    ['TIMESTAMP,Tokens'],
    't.csv:1: not the header of an Azure trace; received "TIMESTAMP,Tokens"; allowed: TIMESTAMP,ContextTokens,GeneratedTokens; choose another --trace-format',
  ],
  [
    [AZURE_HEADER, '2023-11-16 18:15:46,374'],
    't.csv:2: the row has 2 cells, expected 3; received "2023-11-16 18:15:46,374"; allowed: TIMESTAMP,ContextTokens,GeneratedTokens; is the file cut off or edited?',
  ],
  [
    [AZURE_HEADER, '2023-04-31 18:15:46,1,1'],
    't.csv:2: TIMESTAMP: not a time; received "2023-04-31 18:15:46"; allowed: YYYY-MM-DD hh:mm:ss.fffffff in UTC',
  ],
  [
    [AZURE_HEADER, '2023-11-16 18:15:46,-1,1'],
    't.csv:2: ContextTokens: not a usable number; received "-1"; allowed: an integer from 1 to 1,000,000,000',
  ],
  [
    [AZURE_HEADER, '2023-11-16 18:15:46,1,9999999999'],
    't.csv:2: GeneratedTokens: not a usable number; received "9999999999"; allowed: an integer from 0 to 1,000,000,000',
  ],
  [
    [AZURE_HEADER, '2023-11-16 18:15:46,1,1', '2023-11-16 18:15:45,1,1'],
    't.csv:3: timestamp: time goes back; received "-1000 after 0 in line 2"; sort the rows by timestamp',
  ],
])('refuses %j', (rows, message) => {
  expect(() => read(...rows)).toThrow(expect.objectContaining({ name: 'InputError', message }));
});
