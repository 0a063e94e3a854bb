import assert from 'node:assert/strict';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { allRows, attemptOf, hasEnded, rowsWith } from './columns.ts';
import type { Law, Outcome } from './law.ts';

/** Who arrives ends once, and the report loses nobody. */
export const requestsConserved: Law = {
  name: 'requests are conserved',
  hold(outcome) {
    const { result, config } = outcome.leap;
    const { requests: table } = result;
    const arrived = allRows(table).filter((row) => table.arrivalNs[row] !== NEVER);
    if (config.simulation.max_sim_time_ms === undefined) {
      const left = arrived.filter((row) => !hasEnded(table, row));
      assert.deepEqual(left, [], 'requests that never end');
    }
    holdOffered(outcome, arrived);
    holdReport(outcome, arrived);
    for (const row of rowsWith(table, RequestStatus.completed)) {
      assert(table.worker[row]! >= 0, `request ${row} completed nowhere`);
      assert(table.admissions[row]! >= 1, `request ${row} completed without being admitted`);
    }
  },
};

/** All of the trace is offered, unless something ends the traffic; retries come on top. */
function holdOffered({ flight, leap: { result, config } }: Outcome, arrived: number[]): void {
  const { num_requests: most = Number.POSITIVE_INFINITY, duration_s, client } = config.workload;
  const offered = Math.min(flight.rows.length, most);
  const first = arrived.filter((row) => attemptOf(result.requests, row) === 0);
  assert(first.length <= offered, 'more requests than the trace has');
  const attempts = offered * (client?.max_attempts ?? 1);
  assert(arrived.length <= attempts, 'more attempts than clients make');
  const cut = config.simulation.max_sim_time_ms ?? duration_s;
  if (cut !== undefined || client?.failed_turn === 'end') return;
  assert.equal(first.length, offered, 'requests offered');
}

function holdReport({ leap: { result, report } }: Outcome, arrived: number[]): void {
  const { requests, completed, rejected, incomplete, warmup } = report.summary;
  const { cancelled = 0, timed_out = 0 } = report.summary;
  const ends = completed + rejected + incomplete + cancelled + timed_out;
  assert.equal(ends, requests, 'requests of the report');
  if (warmup !== undefined) return;
  const first = arrived.filter((row) => attemptOf(result.requests, row) === 0);
  assert.equal(requests, first.length, 'requests that arrived');
}
