import { NS_PER_MS } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';
import { countBefore, countUntil } from './sorted-moments.ts';
import { SuffixMin } from './suffix-min.ts';

/** When requests join a queue and when they leave it for service, and which queue it is. */
interface Queues {
  readonly joinedNs: Float64Array;
  readonly leftNs: Float64Array;
  readonly queueOf: (row: number) => number;
}

/**
 * Priority inversion: while a request waited, one of lower strict priority left the same queue before
 * it; or one of equal strict priority, lower priority, that had joined later. The queues are the
 * router's, one for each policy class and for what requests ask of it (a pinned one may have to wait
 * where others need not), and each worker's.
 */
export function findPriorityInversion({ requests }: RunResult): Finding | undefined {
  if (!hasPriorities(requests)) return undefined;
  const demands = requests.routings.length + 1;
  const router: Queues = {
    joinedNs: requests.arrivalNs,
    leftNs: requests.routedNs,
    queueOf: (row) => requests.policyClass[row]! * demands + requests.routing[row]!,
  };
  const workers: Queues = {
    joinedNs: requests.routedNs,
    leftNs: requests.firstAdmitNs,
    queueOf: (row) => requests.worker[row]!,
  };
  const overtakenBy = new Int32Array(requests.count).fill(-1);
  for (const queues of [router, workers]) {
    for (const rows of rowsByQueue(requests, queues))
      markOvertaken(requests, queues, rows, overtakenBy);
  }
  return summarise(requests, overtakenBy);
}

function summarise(requests: RequestTable, overtakenBy: Int32Array): Finding | undefined {
  const waitedNs = (row: number): number => requests.firstAdmitNs[row]! - requests.arrivalNs[row]!;
  let count = 0;
  let worst = -1;
  for (let row = 0; row < requests.count; row++) {
    if (overtakenBy[row]! < 0) continue;
    count++;
    if (worst < 0 || waitedNs(row) > waitedNs(worst)) worst = row;
  }
  if (count === 0) return undefined;
  return {
    count,
    evidence: {
      threshold: {},
      worst: {
        request: worst,
        worker: requests.worker[worst]!,
        overtaken_by: overtakenBy[worst]!,
        at_ms: requests.arrivalNs[worst]! / NS_PER_MS,
        waited_ms: waitedNs(worst) / NS_PER_MS,
      },
    },
  };
}

function hasPriorities({ count, priority, strictPriority }: RequestTable): boolean {
  for (let row = 1; row < count; row++) {
    if (priority[row] !== priority[0] || strictPriority[row] !== strictPriority[0]) return true;
  }
  return false;
}

/** Rows that passed through a queue, in the order in which they left it. */
function rowsByQueue(requests: RequestTable, { leftNs, queueOf }: Queues): readonly number[][] {
  const byQueue = new Map<number, number[]>();
  const lists: number[][] = [];
  for (let row = 0; row < requests.count; row++) {
    if (leftNs[row] === NEVER || requests.firstAdmitNs[row] === NEVER) continue;
    let list = byQueue.get(queueOf(row));
    if (list === undefined) {
      list = [];
      byQueue.set(queueOf(row), list);
      lists.push(list);
    }
    list.push(row);
  }
  for (const list of lists) list.sort((a, b) => leftNs[a]! - leftNs[b]!);
  return lists;
}

/** Notes for each request of a queue who overtook it, if anybody did. */
function markOvertaken(
  requests: RequestTable,
  { joinedNs, leftNs }: Queues,
  byLeaving: readonly number[],
  overtakenBy: Int32Array,
): void {
  const { strictPriority, priority } = requests;
  const leaves = Float64Array.from(byLeaving, (row) => leftNs[row]!);
  const strict = new SuffixMin(byLeaving.length);
  const levels = new Map<number, SuffixMin>();
  const joins = Float64Array.from(byLeaving, (row) => joinedNs[row]!).sort();
  let left = 0;
  for (const row of byLeaving) {
    // Who leaves at the same moment has not overtaken.
    for (; leftNs[byLeaving[left]!]! < leftNs[row]!; left++) {
      const gone = byLeaving[left]!;
      strict.put(left, strictPriority[gone]!, gone);
      levelOf(levels, strictPriority[gone]!, byLeaving.length).put(
        countBefore(joins, joinedNs[gone]!),
        priority[gone]!,
        gone,
      );
    }
    const since = countUntil(leaves, joinedNs[row]!);
    let by = strict.rowBelow(since, strictPriority[row]!);
    if (by < 0) {
      const level = levelOf(levels, strictPriority[row]!, byLeaving.length);
      by = level.rowBelow(countUntil(joins, joinedNs[row]!), priority[row]!);
    }
    if (by >= 0 && overtakenBy[row]! < 0) overtakenBy[row] = by;
  }
}

function levelOf(levels: Map<number, SuffixMin>, strict: number, places: number): SuffixMin {
  let level = levels.get(strict);
  if (level === undefined) {
    level = new SuffixMin(places);
    levels.set(strict, level);
  }
  return level;
}
