import assert from 'node:assert/strict';
import { HandOff } from '#sim/cluster/hand-off.ts';
import { allRows, total } from './columns.ts';
import type { Law } from './law.ts';

/** Shares are sums of doubles. */
const ROUNDING = 1e-9;

/** No link gives more than it has, at no time and in all; and what hand-offs move crosses links. */
export const linksKept: Law = {
  name: 'links never over capacity',
  hold({ leap: { result } }) {
    for (const { name, capacity, bytes, busyNs, peakShare } of result.links ?? []) {
      assert(peakShare <= 1 + ROUNDING, `${name} gave ${peakShare} of its capacity`);
      // A transfer ends with the nanosecond in which its last byte comes.
      const most = capacity * busyNs * (1 + ROUNDING) + 1;
      assert(bytes <= most, `${bytes} bytes crossed ${name}, which had time for ${most}`);
    }
    const { handOffs, requests } = result;
    if (handOffs === undefined) return;
    const rows = allRows(requests).filter((row) => handOffs.state[row] === HandOff.done);
    for (const row of rows) {
      const life: number[] = [
        handOffs.transferNs[row]!,
        handOffs.transferredNs[row]!,
        handOffs.activatedNs[row]!,
      ];
      const sorted: number[] = life.toSorted((a, b) => a - b);
      assert.deepEqual(life, sorted, `the hand-off of request ${row} goes back in time`);
    }
    const moved = total(rows.map((row) => handOffs.transferBytes[row]!));
    if (result.links === undefined) return;
    const crossed = total(result.links.map(({ bytes }) => bytes));
    assert(crossed >= moved * (1 - ROUNDING) - 1, `${moved} bytes moved, ${crossed} crossed links`);
  },
};
