import { expect, test } from 'vitest';
import { TraceBatch } from '#traces/batch.ts';
import { joinBatches, repeatTrace } from './repeated-trace.ts';

/** A request at 0 with ids 1 and 2, and one at 25 with id 1. */
function smallTrace(): TraceBatch {
  const batch = new TraceBatch();
  for (const { timeMs, ids } of [
    { timeMs: 0, ids: [1, 2] },
    { timeMs: 25, ids: [1] },
  ]) {
    const row = batch.append(batch.count + 1, ids.length * 512, 10 + timeMs);
    batch.timestampMs[row] = timeMs;
    for (const id of ids) batch.appendHashId(id);
  }
  return batch;
}

function rowsOf(batches: Iterable<TraceBatch>): string[] {
  const rows: string[] = [];
  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++) {
      const ids = batch.hashIds.subarray(batch.hashStart[row]!, batch.hashStart[row + 1]!);
      rows.push(`${batch.timestampMs[row]} out ${batch.outputTokens[row]} ids ${ids.join(' ')}`);
    }
  }
  return rows;
}

test('copies overlap, have ids of their own, come in order of time, and wrap at the end', () => {
  const stream = repeatTrace(smallTrace(), { copies: 3, spacingMs: 10, sliceMs: 7 });
  expect(rowsOf(stream)).toEqual([
    '0 out 10 ids 1 2',
    '5 out 35 ids 200001',
    '10 out 10 ids 200001 200002',
    '15 out 35 ids 400001',
    '20 out 10 ids 400001 400002',
    '25 out 35 ids 1',
  ]);
});

test('the length of a slice changes the batches, not the stream', () => {
  const whole = rowsOf(repeatTrace(smallTrace(), { copies: 5, spacingMs: 10, sliceMs: 50 }));
  const sliced = [...repeatTrace(smallTrace(), { copies: 5, spacingMs: 10, sliceMs: 3 })];
  expect(sliced.length).toBeGreaterThan(1);
  expect(rowsOf(sliced)).toEqual(whole);
  expect(whole).toHaveLength(10);
});

test('joined batches are one batch with the same rows', () => {
  const joined = joinBatches([smallTrace(), smallTrace()]);
  expect(rowsOf([joined])).toEqual([...rowsOf([smallTrace()]), ...rowsOf([smallTrace()])]);
});
