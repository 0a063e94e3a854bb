import { assertDefined } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import { nsToSeconds } from '#core/base/time.ts';
import type { RouteQuery } from '../query.ts';
import { ClassLanes } from './classes/class-lanes.ts';
import type { PolicyClass } from './classes/class-profile.ts';
import { type ClassGate, DeficitRoundRobin } from './classes/deficit-round-robin.ts';
import { type QueueRejection, reachedLimit } from './classes/queue-limits.ts';
import { PendingRequests } from './pending-requests.ts';
import { type QueueScore, queueScore } from './queue-policy.ts';

/** Whether requests may leave now; the queue asks again after each that has left. */
export interface LaneGate {
  /**
   * Least active prefill tokens of any target that a request with this pin and these terms (−1 =
   * none) may go to; −Infinity where there is none, since it leaves in order to be rejected.
   */
  leastPrefillTokens(pinnedTarget: number, terms: number): number;
}

/** A request that has left, beside its query: the object is reused. */
export interface Departure {
  /** What the policy had found when it came. */
  overlaps: Int32Array;
  enteredNs: Ns;
}

/**
 * Requests that wait because every target they may go to is busy for their class. Within a class the
 * order is strict priority, then the score of the class's policy, then entry; among the classes it
 * is deficit round robin. Only the head of a lane can leave.
 */
export class PendingQueue implements ClassGate {
  /** What the last choice took for the least active prefill. */
  leastPrefillTokens = 0;
  readonly #classes: readonly PolicyClass[];
  readonly #thresholds: readonly number[];
  readonly #scores: readonly QueueScore[];
  readonly #robin: DeficitRoundRobin;
  readonly #pending = new PendingRequests();
  /** Made when a class gets its first request: most of many stay empty. */
  readonly #lanes: (ClassLanes | undefined)[] = [];
  readonly #gate: LaneGate;
  readonly #bursts: boolean;
  readonly #departure: Departure = { overlaps: new Int32Array(), enteredNs: 0 };

  /**
   * One threshold a class: the active prefill tokens above which a target is busy for it. With
   * `bursts` a class spends what it has earned before the next one is visited. `userOrder` is the
   * order of classes whose queue policy is a user's.
   */
  constructor(
    classes: readonly PolicyClass[],
    thresholds: readonly number[],
    gate: LaneGate,
    bursts: boolean,
    userOrder?: QueueScore,
  ) {
    this.#classes = classes;
    this.#thresholds = thresholds;
    this.#scores = classes.map((policyClass) => queueScore(policyClass.queuePolicy, userOrder));
    const quanta = classes.map(({ quantum }) => quantum);
    this.#robin = new DeficitRoundRobin(quanta, thresholds);
    this.#lanes = classes.map(() => undefined);
    this.#gate = gate;
    this.#bursts = bursts;
  }

  /** Requests that wait. */
  get count(): number {
    return this.#pending.count;
  }

  has(request: number): boolean {
    return this.#pending.rowOf(request) >= 0;
  }

  /** What waits in a class; undefined when nothing ever did. */
  usageOf(policyClass: number): Readonly<ClassLanes> | undefined {
    return this.#lanes[policyClass];
  }

  /** Tokens that a class has earned and not spent. */
  deficitOf(policyClass: number): number {
    return this.#robin.deficitOf(policyClass);
  }

  /** The limit that keeps another request out of the class, or undefined. */
  limitReached(policyClass: number, workers: number): QueueRejection | undefined {
    const usage = this.#lanes[policyClass] ?? NOTHING_WAITS;
    return reachedLimit(this.#classes[policyClass]!, usage, workers);
  }

  /** Puts a request in; its key and its cost are computed now and do not change. */
  push(
    query: RouteQuery,
    policyClass: number,
    nowNs: Ns,
    cachedTokens: number,
    overlaps: Int32Array,
  ): void {
    const pending = this.#pending;
    const row = pending.add(query, nowNs);
    const score = this.#scores[policyClass]!;
    pending.policyClass[row] = policyClass;
    pending.cachedTokens[row] = cachedTokens;
    pending.overlaps[row] = overlaps;
    pending.score[row] = score(query.priority, nsToSeconds(nowNs), query.inputTokens, cachedTokens);
    const lanes = this.#lanes[policyClass] ?? this.#openLanes(policyClass);
    lanes.push(row);
    if (lanes.own.length > 0) this.#robin.setSingle(policyClass);
    else if (lanes.shared.head === row) this.#robin.setPlain(policyClass, pending.costOf(row));
  }

  /**
   * Takes out the next request that may leave, writes it to `query` and returns what was kept with
   * it; undefined when none may leave.
   */
  pop(query: RouteQuery): Readonly<Departure> | undefined {
    this.leastPrefillTokens = this.#gate.leastPrefillTokens(-1, -1);
    const policyClass = this.#robin.choose(this);
    if (policyClass < 0) return undefined;
    const row = this.#headToLeave(policyClass);
    const { enteredNs, overlaps } = this.#pending;
    this.#departure.enteredNs = enteredNs[row]!;
    this.#departure.overlaps = overlaps[row]!;
    this.#robin.spend(policyClass, this.#pending.costOf(row));
    this.#lanesOf(policyClass).remove(row);
    this.#pending.take(row, query);
    if (!this.#bursts || !this.#canPayNext(policyClass)) this.#robin.moveOn(policyClass);
    this.#headChanged(policyClass);
    return this.#departure;
  }

  /** Takes a waiting request out for good; false when it does not wait. */
  cancel(request: number, query: RouteQuery): boolean {
    const row = this.#pending.rowOf(request);
    if (row < 0) return false;
    this.#take(row, query);
    return true;
  }

  /** For the round robin: the cost of the head that may leave a class with lanes of their own. */
  costToLeave(policyClass: number): number {
    const row = this.#headToLeave(policyClass);
    return row < 0 ? 0 : this.#pending.costOf(row);
  }

  /** The first of the class's heads that may leave, −1 = none. */
  #headToLeave(policyClass: number): number {
    const lanes = this.#lanesOf(policyClass);
    const threshold = this.#thresholds[policyClass]!;
    let best = lanes.shared.head;
    if (best >= 0 && this.leastPrefillTokens > threshold) best = -1;
    for (const { pinnedTarget, terms, lane } of lanes.own) {
      const head = lane.head;
      if (best >= 0 && !this.#pending.precedes(head, best)) continue;
      if (this.#gate.leastPrefillTokens(pinnedTarget, terms) <= threshold) best = head;
    }
    return best;
  }

  /** Whether what the class has left covers the first of its heads, blocked or not. */
  #canPayNext(policyClass: number): boolean {
    const { shared, own } = this.#lanesOf(policyClass);
    let next = shared.head;
    for (const { lane } of own) {
      if (next < 0 || this.#pending.precedes(lane.head, next)) next = lane.head;
    }
    return next >= 0 && this.#robin.deficitOf(policyClass) >= this.#pending.costOf(next);
  }

  #take(row: number, query: RouteQuery): void {
    const policyClass = this.#pending.policyClass[row]!;
    this.#lanesOf(policyClass).remove(row);
    this.#pending.take(row, query);
    this.#headChanged(policyClass);
  }

  #headChanged(policyClass: number): void {
    const { requests, shared, own } = this.#lanesOf(policyClass);
    if (requests === 0) this.#robin.setEmpty(policyClass);
    else if (own.length > 0) this.#robin.setSingle(policyClass);
    else this.#robin.setPlain(policyClass, this.#pending.costOf(shared.head));
  }

  #lanesOf(policyClass: number): ClassLanes {
    return assertDefined(this.#lanes[policyClass], 'the class had a request');
  }

  #openLanes(policyClass: number): ClassLanes {
    const lanes = new ClassLanes(this.#pending);
    this.#lanes[policyClass] = lanes;
    return lanes;
  }
}

const NOTHING_WAITS = { requests: 0, rawTokens: 0, cachedTokens: 0 };
