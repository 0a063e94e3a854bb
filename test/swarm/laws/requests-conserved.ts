import assert from 'node:assert/strict';
import { NEVER, RequestStatus } from '#sim/workload/request-table.ts';
import { allRows, hasEnded, rowsWith } from './columns.ts';
import type { Law } from './law.ts';

/** Who arrives ends once, and nobody is under way at the end of a run that was not cut off. */
export const requestsConserved: Law = {
  name: 'requests are conserved',
  hold({ flight, leap: { result, config, report } }) {
    const { requests: table } = result;
    const { num_requests: most = Number.POSITIVE_INFINITY, duration_s } = config.workload;
    assert(table.count <= Math.min(flight.rows.length, most), 'more requests than the trace has');
    const arrived = allRows(table).filter((row) => table.arrivalNs[row] !== NEVER);
    const ended = arrived.filter((row) => hasEnded(table, row));
    if (config.simulation.max_sim_time_ms === undefined) {
      assert.equal(ended.length, arrived.length, 'somebody who arrived never ended');
      if (duration_s === undefined) {
        const offered = Math.min(flight.rows.length, most);
        assert.equal(arrived.length, offered, 'somebody was never offered');
      }
    }
    const { completed, rejected, incomplete, warmup } = report.summary;
    const counted = arrived.length - (warmup?.requests ?? 0);
    assert.equal(completed + rejected + incomplete, counted, 'the report loses somebody');
    for (const row of rowsWith(table, RequestStatus.completed)) {
      assert(table.worker[row]! >= 0, `request ${row} completed nowhere`);
      assert(table.admissions[row]! >= 1, `request ${row} completed without being admitted`);
    }
  },
};
