import { NS_PER_MS } from '#core/base/time.ts';
import type { HeadWaitLog } from '../../engine/rank/head-wait-log.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';

/** Part of a request's TTFT that it must have stood behind others to count. */
const BLOCKED_SHARE_OF_TTFT = 0.5;

/**
 * Head-of-line blocking: a request stood in its worker's queue behind one that waited for KV blocks,
 * although there were blocks enough, all that time, for its own whole prompt; and that took more than
 * half of its TTFT. Hits would have made it smaller yet, so nobody counts who had no room.
 */
export function findHeadOfLine(result: RunResult): Finding | undefined {
  const { requests, blockSize } = result;
  if (result.headWaits.count === 0) return undefined;
  const blockedNs = blockedTimes(result);
  let count = 0;
  let worst = 0;
  for (let row = 0; row < requests.count; row++) {
    const ttftNs = requests.firstTokenNs[row]! - requests.arrivalNs[row]!;
    if (requests.firstTokenNs[row] === NEVER) continue;
    if (blockedNs[row]! <= ttftNs * BLOCKED_SHARE_OF_TTFT) continue;
    if (count === 0 || blockedNs[row]! > blockedNs[worst]!) worst = row;
    count++;
  }
  if (count === 0) return undefined;
  return {
    count,
    evidence: {
      threshold: { blocked_share_of_ttft: BLOCKED_SHARE_OF_TTFT },
      worst: {
        request: worst,
        worker: requests.worker[worst]!,
        at_ms: requests.routedNs[worst]! / NS_PER_MS,
        blocked_ms: blockedNs[worst]! / NS_PER_MS,
        needed_blocks: Math.ceil(requests.inputTokens[worst]! / blockSize),
      },
    },
  };
}

/** How long each request stood behind a head that had too few blocks, with enough for itself. */
export function blockedTimes(result: RunResult): Float64Array {
  const { headWaits, requests } = result;
  const blockedNs = new Float64Array(requests.count);
  const queues = queuesByTarget(requests, result.tallies.length);
  for (const [target, entries] of waitsByTarget(headWaits, requests, queues.length).entries()) {
    if (entries.length > 0) addBlockedTime(blockedNs, result, entries, queues[target]!);
  }
  return blockedNs;
}

/** Rows that were admitted, by target. */
function queuesByTarget(requests: RequestTable, targets: number): readonly number[][] {
  const queues = Array.from({ length: targets }, (): number[] => []);
  for (let row = 0; row < requests.count; row++) {
    if (requests.firstAdmitNs[row] !== NEVER) queues[requests.worker[row]!]!.push(row);
  }
  return queues;
}

/** Entries of the log by target; on one target they follow one another in time. */
function waitsByTarget(
  log: HeadWaitLog,
  requests: RequestTable,
  targets: number,
): readonly number[][] {
  const waits = Array.from({ length: targets }, (): number[] => []);
  for (let entry = 0; entry < log.count; entry++) {
    waits[requests.worker[log.row[entry]!]!]!.push(entry);
  }
  return waits;
}

/**
 * Adds to each request of a queue the time that it stood behind a head with room for itself. The
 * largest requests are looked at first while waits enter a Fenwick tree by the blocks that were free,
 * so a sum over the waits of a span takes a logarithm.
 */
function addBlockedTime(
  blockedNs: Float64Array,
  { headWaits: log, requests, blockSize }: RunResult,
  entries: readonly number[],
  queue: number[],
): void {
  const need = (row: number): number => Math.ceil(requests.inputTokens[row]! / blockSize);
  const bySize = queue.toSorted((a, b) => need(b) - need(a));
  const byRoom = Array.from(entries.keys());
  byRoom.sort((a, b) => log.freeBlocks[entries[b]!]! - log.freeBlocks[entries[a]!]!);
  const tree = new Float64Array(entries.length + 1);
  let entered = 0;
  for (const row of bySize) {
    for (; entered < byRoom.length; entered++) {
      const place = byRoom[entered]!;
      const entry = entries[place]!;
      if (log.freeBlocks[entry]! < need(row)) break;
      add(tree, place, log.toNs[entry]! - log.fromNs[entry]!);
    }
    const from = firstEndAfter(log, entries, requests.routedNs[row]!);
    const to = firstEndAfter(log, entries, requests.firstAdmitNs[row]!);
    if (from >= to) continue;
    let sumNs = sumBefore(tree, to) - sumBefore(tree, from);
    // It joined the queue in the middle of the first of them.
    const first = entries[from]!;
    const early = Math.max(0, requests.routedNs[row]! - log.fromNs[first]!);
    if (log.freeBlocks[first]! >= need(row)) sumNs -= early;
    blockedNs[row]! += sumNs;
  }
}

function add(tree: Float64Array, place: number, value: number): void {
  for (let node = place + 1; node < tree.length; node += node & -node) tree[node]! += value;
}

function sumBefore(tree: Float64Array, place: number): number {
  let sum = 0;
  for (let node = place; node > 0; node -= node & -node) sum += tree[node]!;
  return sum;
}

/** The first of a target's waits that ends after a moment. */
function firstEndAfter(log: HeadWaitLog, entries: readonly number[], ns: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (log.toNs[entries[middle]!]! > ns) high = middle;
    else low = middle + 1;
  }
  return low;
}
