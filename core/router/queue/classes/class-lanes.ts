import { PendingLane } from '../pending-lane.ts';
import type { PendingRequests } from '../pending-requests.ts';

/** Requests of a class that share a pin and terms, of which they have at least one. */
export interface OwnLane {
  readonly pinnedTarget: number;
  readonly terms: number;
  readonly lane: PendingLane;
  /** Where it stands in `own`. */
  place: number;
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
  /** In no order that counts. */
  readonly own: OwnLane[] = [];
  readonly #ownByKey = new Map<number, OwnLane>();
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
    if (key === SHARED) {
      this.shared.remove(row);
      return;
    }
    const own = this.#ownByKey.get(key)!;
    own.lane.remove(row);
    if (own.lane.count === 0) this.#close(own, key);
  }

  /** The last lane takes the place of one that is empty. */
  #close(own: OwnLane, key: number): void {
    this.#ownByKey.delete(key);
    const last = this.own.pop()!;
    if (last === own) return;
    this.own[own.place] = last;
    last.place = own.place;
  }

  #count(row: number, sign: number): void {
    this.requests += sign;
    this.rawTokens += sign * this.#pending.inputTokens[row]!;
    this.cachedTokens += sign * this.#pending.cachedTokens[row]!;
  }

  #laneOf(row: number): PendingLane {
    const key = this.#keyOf(row);
    if (key === SHARED) return this.shared;
    const known = this.#ownByKey.get(key);
    if (known !== undefined) return known.lane;
    const lane = new PendingLane(this.#pending);
    const pinnedTarget = this.#pending.pinnedTarget[row]!;
    const own = { pinnedTarget, terms: this.#pending.terms[row]!, lane, place: this.own.length };
    this.own.push(own);
    this.#ownByKey.set(key, own);
    return lane;
  }

  /** One number for pin and terms: dense ids of either are far below the 2²⁶ that keeps it exact. */
  #keyOf(row: number): number {
    const { pinnedTarget, terms } = this.#pending;
    return (pinnedTarget[row]! + 1) * 2 ** 26 + terms[row]! + 1;
  }
}
