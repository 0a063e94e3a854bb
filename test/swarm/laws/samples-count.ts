import assert from 'node:assert/strict';
import type { Timeline } from '#sim/cluster/timeline.ts';
import { entriesOf } from '#sim/report/encodes.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER } from '#sim/workload/request-table.ts';
import { allRows, isLeft } from './columns.ts';
import type { Law } from './law.ts';

/** Requests that have come to the router by a moment and end after it. */
function underWay({ requests: table, encode }: RunResult, atNs: number): number {
  const entriesNs = entriesOf(encode, table);
  return allRows(table).filter((row) => {
    const arrived = entriesNs[row] !== NEVER && entriesNs[row]! <= atNs;
    return arrived && (table.terminalNs[row] === NEVER || table.terminalNs[row]! > atNs);
  }).length;
}

/** Requests that router and workers say they have, at a sample of the timeline. */
function sampled(timeline: Timeline, sample: number): number {
  let count = timeline.routerQueue[sample]!;
  for (let target = 0; target < timeline.targets; target++) {
    const cell = sample * timeline.targets + target;
    count += timeline.waiting[cell]! + timeline.running[cell]!;
  }
  return count;
}

/**
 * Where a run is recorded, queues and batches hold whoever is under way, and so Little's law. Those
 * whose clients have left may stay until the pass ends. Between two pools a request is in none, nor
 * while its embeddings are to come.
 */
export const samplesCount: Law = {
  name: 'queues and batches hold whoever is under way',
  hold({ leap, exact }) {
    for (const { result } of [leap, exact]) {
      if (result.handOffs !== undefined) return;
      const { timeline, requests } = result;
      const left = allRows(requests).filter((row) => isLeft(requests, row)).length;
      for (let sample = 0; sample < (timeline?.count ?? 0); sample++) {
        const atNs = timeline!.timeNs[sample]!;
        const [found, known] = [sampled(timeline!, sample), underWay(result, atNs)];
        const holds = found >= known && found <= known + left;
        assert(holds, `${found} in queues and batches at ${atNs} ns, ${known} under way`);
      }
    }
  },
};
