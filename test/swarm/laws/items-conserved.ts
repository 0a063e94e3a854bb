import assert from 'node:assert/strict';
import { Encoding } from '#sim/cluster/encode/encode-table.ts';
import { NEVER } from '#sim/workload/request-table.ts';
import { allRows, total } from './columns.ts';
import type { Law } from './law.ts';

/** What requests needed is what was encoded, no more than once; who is prefilled has all of it. */
export const itemsConserved: Law = {
  name: 'items are conserved',
  hold({ leap: { result, config } }) {
    const { encode, requests } = result;
    if (encode === undefined) return;
    const { table, encoders } = encode;
    const rows = allRows(requests).filter((row) => table.has(row));
    for (const row of rows) {
      const [items, looked, cached] = [table.items[row]!, table.looked[row]!, table.cached[row]!];
      assert(cached <= looked && looked <= items, `items of request ${row}`);
      if (table.state[row] !== Encoding.entered) {
        assert.equal(requests.routedNs[row], NEVER, `request ${row} is routed without embeddings`);
        continue;
      }
      assert.equal(looked, items, `request ${row} goes on without all its items`);
      const life = [requests.arrivalNs, table.startNs, table.encodedNs, table.enteredNs];
      const moments = life.map((column) => column[row]!);
      const sorted = moments.toSorted((a, b) => a - b);
      assert.deepEqual(moments, sorted, `the items of request ${row} go back in time`);
    }
    // A run that was cut off ends in the middle of a pass.
    if (config.simulation.max_sim_time_ms !== undefined) return;
    const needed = total(rows.map((row) => table.looked[row]! - table.cached[row]!));
    assert.equal(total(encoders.map(({ encodedItems }) => encodedItems)), needed, 'items encoded');
  },
};
