import assert from 'node:assert/strict';
import { NEVER, type RequestTable } from '#sim/workload/request-table.ts';
import { allRows } from './columns.ts';
import type { Law } from './law.ts';

/** The most requests under way at once; an end comes before a start of the same moment. */
function mostUnderWay(table: RequestTable): number {
  const arrived = allRows(table).filter((row) => table.arrivalNs[row] !== NEVER);
  // A request that lasts no time is under way for none.
  const lasting = arrived.filter((row) => table.terminalNs[row] !== table.arrivalNs[row]);
  const changes = lasting.flatMap((row) => {
    const endNs = table.terminalNs[row]!;
    const start = { atNs: table.arrivalNs[row]!, by: 1 };
    return endNs === NEVER ? [start] : [start, { atNs: endNs, by: -1 }];
  });
  changes.sort((a, b) => a.atNs - b.atNs || a.by - b.by);
  let underWay = 0;
  let most = 0;
  for (const { by } of changes) {
    underWay += by;
    most = Math.max(most, underWay);
  }
  return most;
}

/** Caps and closed loops keep their places, and the turns of a session their order. */
export const loadKept: Law = {
  name: 'caps and sessions are kept',
  hold({ leap: { result, config } }) {
    const { requests: table } = result;
    const { concurrency, max_concurrency } = config.workload;
    const places = concurrency ?? max_concurrency ?? Number.POSITIVE_INFINITY;
    const most = mostUnderWay(table);
    assert(most <= places, `${most} under way in ${places} places`);
    const last = new Map<number, number>();
    for (const row of allRows(table)) {
      const session = table.session[row]!;
      const before = last.get(session);
      last.set(session, row);
      if (session < 0 || before === undefined || table.arrivalNs[row] === NEVER) continue;
      const comes = table.arrivalNs[row]! >= table.terminalNs[before]!;
      assert(comes, `turn ${table.turn[row]} of session ${session} comes before its turn`);
    }
  },
};
