import { expect, test } from 'vitest';
import { RequestStatus, RequestTable } from '../workload/request-table.ts';
import { outcomeDifference } from './outcome-difference.ts';

interface Outcome {
  readonly firstMs: number;
  readonly lastMs: number;
  readonly worker?: number;
  readonly completed?: boolean;
}

/** Requests that arrive at 0, line n + 1 of a trace, with `10 · worker` tokens reused. */
function tableOf(outcomes: readonly Outcome[]): RequestTable {
  const table = new RequestTable();
  for (const { firstMs, lastMs, worker = 0, completed = true } of outcomes) {
    const row = table.append(table.count + 1, 100, 5);
    table.arrivalNs[row] = 0;
    table.firstTokenNs[row] = firstMs * 1e6;
    table.lastTokenNs[row] = lastMs * 1e6;
    table.worker[row] = worker;
    table.firstReusedTokens[row] = 10 * worker;
    table.status[row] = completed ? RequestStatus.completed : RequestStatus.running;
  }
  return table;
}

test('who gained, who lost, and by how much', () => {
  const before = tableOf([
    { firstMs: 10, lastMs: 50 },
    { firstMs: 10, lastMs: 60 },
    { firstMs: 20, lastMs: 90 },
    { firstMs: 20, lastMs: 100 },
    { firstMs: 5, lastMs: 40, completed: false },
  ]);
  const after = tableOf([
    { firstMs: 10, lastMs: 50 },
    { firstMs: 15, lastMs: 80, worker: 1 },
    { firstMs: 20, lastMs: 85 },
    { firstMs: 18, lastMs: 70, worker: 2 },
    { firstMs: 5, lastMs: 40 },
  ]);
  const difference = outcomeDifference(before, after, 1, 1);
  expect(difference.gained).toMatchObject({ requests: 2, e2eMs: 35, top: [{ request: 3 }] });
  expect(difference.lost).toMatchObject({ requests: 1, e2eMs: 20, top: [{ request: 1, line: 2 }] });
  expect(difference).toMatchObject({
    unchanged: 1,
    completedOnlyBefore: 0,
    completedOnlyAfter: 1,
    reusedTokens: [0, 30],
    ttft: { before: { n: 4, mean: 15 }, after: { n: 5, max: 20 } },
    e2e: { before: { mean: 75 }, after: { n: 5 } },
  });
  expect(difference.forked).toEqual({
    request: 1,
    line: 2,
    worker: [0, 1],
    reusedTokens: [0, 10],
    ttftMs: [10, 15],
    e2eMs: [60, 80],
  });
});
