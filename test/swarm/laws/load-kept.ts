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

/** When the last attempt of each turn of each session ended. */
function turnEnds(table: RequestTable): ReadonlyMap<string, number> {
  const ends = new Map<string, number>();
  for (const row of allRows(table)) {
    const turn = `${table.session[row]} ${table.turn[row]}`;
    ends.set(turn, Math.max(ends.get(turn) ?? NEVER, table.terminalNs[row]!));
  }
  return ends;
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
    const ends = turnEnds(table);
    for (const row of allRows(table)) {
      const turn = table.turn[row]!;
      if (table.session[row]! < 0 || turn === 0 || table.arrivalNs[row] === NEVER) continue;
      const endNs = ends.get(`${table.session[row]} ${turn - 1}`) ?? NEVER;
      assert(table.arrivalNs[row]! >= endNs, `request ${row} comes before its turn`);
    }
  },
};
