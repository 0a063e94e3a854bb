import { PendingLane } from '../pending-lane.ts';
import type { PendingRequests } from '../pending-requests.ts';

/** Requests of a class that share a pin and terms, of which they have at least one. */
export interface OwnLane {
  readonly pinnedTarget: number;
  readonly terms: number;
  readonly lane: PendingLane;
}

/** The key of requests without a pin and terms. */
const SHARED = 0;

/**
 * Who waits in one class. Requests that may go anywhere share a lane; those with a pin or terms have
 * one with their like, so that they hold up nobody else while what they may go to is busy. The counters say what the class's limits bound.
 */
export class ClassLanes {
  requests = 0;
  rawTokens = 0;
  cachedTokens = 0;
  readonly shared: PendingLane;
  /** By pin and terms, in the order in which they came up. */
  readonly own = new Map<number, OwnLane>();
  readonly #pending: PendingRequests;

  constructor(pending: PendingRequests) {
    this.#pending = pending;
    this.shared = new PendingLane(pending);
  }

  push(row: number): void {
    this.#count(row, 1);
    this.#laneOf(row).push(row);
  }

  /** Takes a row out, wherever it stands. */
  remove(row: number): void {
    this.#count(row, -1);
    const key = this.#keyOf(row);
    const lane = key === SHARED ? this.shared : this.own.get(key)!.lane;
    lane.remove(row);
    if (key !== SHARED && lane.count === 0) this.own.delete(key);
  }

  #count(row: number, sign: number): void {
    this.requests += sign;
    this.rawTokens += sign * this.#pending.inputTokens[row]!;
    this.cachedTokens += sign * this.#pending.cachedTokens[row]!;
  }

  #laneOf(row: number): PendingLane {
    const key = this.#keyOf(row);
    if (key === SHARED) return this.shared;
    const known = this.own.get(key);
    if (known !== undefined) return known.lane;
    const lane = new PendingLane(this.#pending);
    const pinnedTarget = this.#pending.pinnedTarget[row]!;
    this.own.set(key, { pinnedTarget, terms: this.#pending.terms[row]!, lane });
    return lane;
  }

  /** One number for pin and terms: dense ids of either are far below the 2²⁶ that keeps it exact. */
  #keyOf(row: number): number {
    const { pinnedTarget, terms } = this.#pending;
    return (pinnedTarget[row]! + 1) * 2 ** 26 + terms[row]! + 1;
  }
}
