import { expect, test } from 'vitest';
import { RequestTable } from './request-table.ts';
import { SessionTable } from './session-table.ts';

function appendAll(rows: readonly (readonly [string | undefined, number, number])[]) {
  const requests = new RequestTable();
  const sessions = new SessionTable(requests);
  for (const [name, timestampMs, thinkMs] of rows) {
    const row = requests.append(1, 10, 1);
    sessions.append(row, name, timestampMs, thinkMs * 1e6);
  }
  const next = [...sessions.next.subarray(0, requests.count)];
  const thinkMs = [...sessions.thinkNs.subarray(0, requests.count)].map((ns) => ns / 1e6);
  return { requests, next, thinkMs };
}

test('turns follow each other through the trace, requests outside a session nobody', () => {
  const { requests, next, thinkMs } = appendAll([
    ['a', 0, Number.NaN],
    [undefined, 5, Number.NaN],
    ['b', 6, Number.NaN],
    ['a', 9, 4],
    ['a', Number.NaN, 2],
  ]);
  expect(next).toEqual([3, -1, -1, 4, -1]);
  expect(thinkMs).toEqual([0, 0, 0, 4, 2]);
  expect([...requests.turn.subarray(0, 5)]).toEqual([0, 0, 0, 1, 2]);
  expect([...requests.session.subarray(0, 5)]).toEqual([0, -1, 1, 0, 0]);
  expect(requests.sessionNames).toEqual(['a', 'b']);
});

test('without a think time a turn waits as long as the timestamps lie apart', () => {
  const { thinkMs } = appendAll([
    ['a', 10, Number.NaN],
    ['a', Number.NaN, 3],
    ['a', 45, Number.NaN],
  ]);
  expect(thinkMs).toEqual([0, 3, 35]);
});
