import { PendingLane } from '../pending-lane.ts';
import type { PendingRequests } from '../pending-requests.ts';

/** Requests of a class that are pinned to one target. */
export interface PinnedLane {
  readonly target: number;
  readonly lane: PendingLane;
}

/**
 * Who waits in one class. Requests without a pin share a lane; each pinned target has a lane of its
 * own, so that a blocked pin holds up nobody else. The counters say what the class's limits bound.
 */
export class ClassLanes {
  requests = 0;
  rawTokens = 0;
  cachedTokens = 0;
  readonly shared: PendingLane;
  readonly pinned: PinnedLane[] = [];
  readonly #pending: PendingRequests;

  constructor(pending: PendingRequests) {
    this.#pending = pending;
    this.shared = new PendingLane(pending);
  }

  push(row: number): void {
    this.#count(row, 1);
    this.#laneOf(this.#pending.pinnedTarget[row]!).push(row);
  }

  /** Takes a row out, wherever it stands. */
  remove(row: number): void {
    this.#count(row, -1);
    const target = this.#pending.pinnedTarget[row]!;
    const lane = this.#laneOf(target);
    lane.remove(row);
    if (target < 0 || lane.count > 0) return;
    const place = this.pinned.findIndex((entry) => entry.lane === lane);
    this.pinned.splice(place, 1);
  }

  #count(row: number, sign: number): void {
    this.requests += sign;
    this.rawTokens += sign * this.#pending.inputTokens[row]!;
    this.cachedTokens += sign * this.#pending.cachedTokens[row]!;
  }

  #laneOf(target: number): PendingLane {
    if (target < 0) return this.shared;
    for (const entry of this.pinned) if (entry.target === target) return entry.lane;
    const lane = new PendingLane(this.#pending);
    this.pinned.push({ target, lane });
    return lane;
  }
}
