import assert from 'node:assert/strict';
import { NEVER } from '#sim/workload/request-table.ts';
import type { Law } from './law.ts';

/** The moments of a request's life, in the order in which they come. */
const LIFE = [
  'arrivalNs',
  'routedNs',
  'firstAdmitNs',
  'firstTokenNs',
  'secondTokenNs',
  'lastTokenNs',
  'terminalNs',
] as const;

export const timeForward: Law = {
  name: 'time never goes back',
  hold({ leap: { result, config } }) {
    const { requests: table, simulatedNs } = result;
    const { max_sim_time_ms: limitMs = Number.POSITIVE_INFINITY } = config.simulation;
    assert(simulatedNs <= limitMs * 1e6, 'the run goes on after its end');
    for (let row = 0; row < table.count; row++) {
      let beforeNs = 0;
      for (const name of LIFE) {
        const ns = table[name][row]!;
        if (ns === NEVER) continue;
        assert(Number.isSafeInteger(ns), `${name} of request ${row} is ${ns}`);
        assert(ns >= beforeNs, `${name} of request ${row} comes before its time`);
        beforeNs = ns;
      }
      assert(beforeNs <= simulatedNs, `request ${row} outlives the run`);
    }
  },
};
