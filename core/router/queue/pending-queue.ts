import type { Ns } from '#core/base/time.ts';
import { nsToSeconds } from '#core/base/time.ts';
import type { RouteQuery } from '../query.ts';
import { PendingLane } from './pending-lane.ts';
import { PendingRequests } from './pending-requests.ts';
import type { QueueScore } from './queue-policy.ts';

/** Whether a lane's head may leave now; −1 asks for the lane of requests without a pin. */
export interface LaneGate {
  mayLeave(pinnedTarget: number): boolean;
}

/**
 * Requests that wait because every target they may go to is busy. Requests without a pin share a
 * lane; each pinned target has a lane of its own, so that a blocked pin holds up nobody else. Only
 * the head of a lane can leave. Among heads that may leave the order is that of one queue.
 */
export class PendingQueue {
  readonly #score: QueueScore;
  readonly #pending = new PendingRequests();
  readonly #shared = new PendingLane(this.#pending);
  readonly #pinnedLanes: { readonly target: number; readonly lane: PendingLane }[] = [];

  constructor(score: QueueScore) {
    this.#score = score;
  }

  /** Requests that wait. */
  get count(): number {
    return this.#pending.count;
  }

  has(request: number): boolean {
    return this.#pending.rowOf(request) >= 0;
  }

  /** Puts a request in; its key is computed now and does not change. */
  push(query: RouteQuery, nowNs: Ns, bestCachedTokens: number, overlaps: Int32Array): void {
    const arrivalSeconds = nsToSeconds(nowNs);
    const score = this.#score(query.priority, arrivalSeconds, query.inputTokens, bestCachedTokens);
    this.#laneOf(query.pinnedTarget).push(this.#pending.add(query, score, overlaps));
  }

  /**
   * Takes out the first request that may leave, writes it to `query` and returns the overlaps that
   * were kept with it; undefined when none may leave.
   */
  pop(gate: LaneGate, query: RouteQuery): Int32Array | undefined {
    let best = this.#shared.head;
    if (best >= 0 && !gate.mayLeave(-1)) best = -1;
    for (const { target, lane } of this.#pinnedLanes) {
      const head = lane.head;
      if (head < 0 || (best >= 0 && !this.#pending.precedes(head, best))) continue;
      if (gate.mayLeave(target)) best = head;
    }
    return best < 0 ? undefined : this.#take(best, query);
  }

  /** Takes a waiting request out for good; false when it does not wait. */
  cancel(request: number, query: RouteQuery): boolean {
    const row = this.#pending.rowOf(request);
    if (row < 0) return false;
    this.#take(row, query);
    return true;
  }

  #take(row: number, query: RouteQuery): Int32Array {
    this.#laneOf(this.#pending.pinnedTarget[row]!).remove(row);
    return this.#pending.take(row, query);
  }

  #laneOf(pinnedTarget: number): PendingLane {
    if (pinnedTarget < 0) return this.#shared;
    for (const entry of this.#pinnedLanes) if (entry.target === pinnedTarget) return entry.lane;
    const lane = new PendingLane(this.#pending);
    this.#pinnedLanes.push({ target: pinnedTarget, lane });
    return lane;
  }
}
