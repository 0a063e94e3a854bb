import { PendingLane } from '../pending-lane.ts';
import type { PendingRequests } from '../pending-requests.ts';

/** Requests of a class that share a pin and terms, of which they have at least one. */
export interface OwnLane {
  readonly pinnedTarget: number;
  readonly terms: number;
  readonly lane: PendingLane;
}

/**
 * Who waits in one class. Requests that may go anywhere share a lane; those with a pin or terms have
 * one with their like, so that they hold up nobody else while what they may go to is busy. The counters say what the class's limits bound.
 */
export class ClassLanes {
  requests = 0;
  rawTokens = 0;
  cachedTokens = 0;
  readonly shared: PendingLane;
  readonly own: OwnLane[] = [];
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
    const lane = this.#laneOf(row);
    lane.remove(row);
    if (lane === this.shared || lane.count > 0) return;
    const place = this.own.findIndex((entry) => entry.lane === lane);
    this.own.splice(place, 1);
  }

  #count(row: number, sign: number): void {
    this.requests += sign;
    this.rawTokens += sign * this.#pending.inputTokens[row]!;
    this.cachedTokens += sign * this.#pending.cachedTokens[row]!;
  }

  #laneOf(row: number): PendingLane {
    const pinnedTarget = this.#pending.pinnedTarget[row]!;
    const terms = this.#pending.terms[row]!;
    if (pinnedTarget < 0 && terms < 0) return this.shared;
    for (const entry of this.own) {
      if (entry.pinnedTarget === pinnedTarget && entry.terms === terms) return entry.lane;
    }
    const lane = new PendingLane(this.#pending);
    this.own.push({ pinnedTarget, terms, lane });
    return lane;
  }
}
