import type { RunResult } from '#sim/report/run-result.ts';
import { NEVER } from '#sim/workload/request-table.ts';

/** How long each request stood behind a head without room, with room for its own prompt. */
export function naiveBlockedTimes({ requests, headWaits, blockSize }: RunResult): number[] {
  const times: number[] = [];
  for (let row = 0; row < requests.count; row++) {
    const need = Math.ceil(requests.inputTokens[row]! / blockSize);
    let blockedNs = 0;
    for (let entry = 0; entry < headWaits.count; entry++) {
      const head = headWaits.row[entry]!;
      if (requests.worker[head] !== requests.worker[row]) continue;
      if (headWaits.freeBlocks[entry]! < need) continue;
      const from = Math.max(headWaits.fromNs[entry]!, requests.routedNs[row]!);
      const to = headWaits.toNs[entry]!;
      if (to <= requests.firstAdmitNs[row]! && to > from) blockedNs += to - from;
    }
    times.push(blockedNs);
  }
  return times;
}

/** Rows that another of lower priority overtook in the router's queue or in their worker's. */
export function naivePriorityInversion({ requests }: RunResult): number[] {
  const { count, strictPriority, priority, arrivalNs, routedNs, firstAdmitNs } = requests;
  const overtaken = (
    row: number,
    other: number,
    joinedNs: Float64Array,
    leftNs: Float64Array,
    queues: readonly Int32Array[],
  ): boolean => {
    if (queues.some((queue) => queue[row] !== queue[other])) return false;
    if (!(leftNs[other]! > joinedNs[row]! && leftNs[other]! < leftNs[row]!)) return false;
    if (strictPriority[other]! < strictPriority[row]!) return true;
    if (strictPriority[other] !== strictPriority[row]) return false;
    return priority[other]! < priority[row]! && joinedNs[other]! > joinedNs[row]!;
  };
  const served = Array.from({ length: count }, (_, row) => row).filter(
    (row) => firstAdmitNs[row] !== NEVER,
  );
  return served.filter((row) =>
    served.some(
      (other) =>
        overtaken(row, other, arrivalNs, routedNs, [requests.policyClass, requests.routing]) ||
        overtaken(row, other, routedNs, firstAdmitNs, [requests.worker]),
    ),
  );
}
