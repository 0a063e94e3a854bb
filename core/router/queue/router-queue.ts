import type { Ns } from '#core/base/time.ts';
import { NS_PER_S } from '#core/base/time.ts';
import { ROUTED } from '../decisions.ts';
import type { Eligibility } from '../eligibility/eligibility.ts';
import type { Fleet } from '../fleet.ts';
import type { RouterOptions } from '../options.ts';
import type { RouteQuery } from '../query.ts';
import { LoadTree } from '../selection/load-tree.ts';
import type { ActiveSequences } from '../sequences/active-sequences.ts';
import { singleClassProfile, thresholdTokens } from './classes/class-profile.ts';
import { ClassSelection } from './classes/class-selection.ts';
import type { QueueRejection } from './classes/queue-limits.ts';
import { type Departure, type LaneGate, PendingQueue } from './pending-queue.ts';
import type { QueueScore } from './queue-policy.ts';

/** How often the queue is looked at while nothing happens. */
const RECHECK_NS = 60 * NS_PER_S;

/** What becomes of a request that comes: it is sent at once, waits, or is kept out. */
export type Admission = 'send' | 'wait' | 'reject';

/** The router's queue: which class a request belongs to, whether it waits, and who leaves next. */
export class RouterQueue implements LaneGate {
  /** Why the last request that was kept out was kept out. */
  rejection: QueueRejection | undefined;
  readonly #selection: ClassSelection;
  readonly #thresholds: readonly number[];
  readonly #pending: PendingQueue;
  readonly #refreshAfterNs: Ns;
  readonly #fleet: Fleet;
  readonly #eligibility: Eligibility;
  readonly #sequences: ActiveSequences;
  /** Active prefill tokens of the targets in the fleet. */
  readonly #prefill = new LoadTree();
  /** The class that `admit` has found. */
  #policyClass = 0;
  #nextRecheckNs = 0;

  constructor(
    options: RouterOptions,
    fleet: Fleet,
    eligibility: Eligibility,
    sequences: ActiveSequences,
    userOrder?: QueueScore,
  ) {
    const { queuePolicy, queueThreshold = Infinity, maxNumBatchedTokens } = options;
    const profile = options.classes ?? singleClassProfile(queuePolicy, queueThreshold);
    this.#selection = new ClassSelection(profile);
    this.#thresholds = profile.classes.map((policyClass) =>
      thresholdTokens(policyClass, maxNumBatchedTokens),
    );
    const bursts = options.classBursts ?? true;
    this.#pending = new PendingQueue(profile.classes, this.#thresholds, this, bursts, userOrder);
    this.#refreshAfterNs = options.overlapRefreshAfterNs ?? Infinity;
    this.#fleet = fleet;
    this.#eligibility = eligibility;
    this.#sequences = sequences;
  }

  get count(): number {
    return this.#pending.count;
  }

  has(request: number): boolean {
    return this.#pending.has(request);
  }

  /**
   * Finds the class of a request that has a target to go to. It waits where others of its class do,
   * or every target that it may go to is busy for the class, and is kept out where too much waits.
   * `cachedTokens` is what the best of those targets has cached of its prompt.
   */
  admit(query: RouteQuery, cachedTokens: number): Admission {
    const uncachedTokens = Math.max(0, query.inputTokens - cachedTokens);
    this.#policyClass = this.#selection.select(query.policyClass, uncachedTokens);
    const threshold = this.#thresholds[this.#policyClass]!;
    if (threshold === Infinity) return 'send';
    const backlog = this.#pending.usageOf(this.#policyClass)?.requests ?? 0;
    const prefillTokens = this.leastPrefillTokens(query.pinnedTarget, query.terms);
    if (backlog === 0 && prefillTokens <= threshold) return 'send';
    const rejection = this.#pending.limitReached(this.#policyClass, this.#workers());
    if (rejection === undefined) return 'wait';
    this.rejection = rejection;
    return 'reject';
  }

  /** Puts a request into the class that `admit` has found for it. */
  push(query: RouteQuery, cachedTokens: number, overlaps: Int32Array, nowNs: Ns): void {
    if (this.count === 0) this.#nextRecheckNs = nowNs + RECHECK_NS;
    this.#pending.push(query, this.#policyClass, nowNs, cachedTokens, overlaps);
  }

  /** The next request that may leave is written to `query`; undefined when none may. */
  pop(query: RouteQuery): Readonly<Departure> | undefined {
    return this.#pending.pop(query);
  }

  /** Takes a waiting request out for good. */
  cancel(request: number, query: RouteQuery): void {
    this.#pending.cancel(request, query);
  }

  /** Whether a request has waited so long that what was found for it counts no more. */
  isStale({ enteredNs }: Departure, nowNs: Ns): boolean {
    return nowNs - enteredNs > this.#refreshAfterNs;
  }

  /**
   * When the queue is to be looked at again even if nothing happens: at the latest after a while, and
   * before that when time alone takes load off a target. undefined while the queue is empty.
   */
  nextWakeupNs(nowNs: Ns): Ns | undefined {
    if (this.count === 0) return undefined;
    const wakeupNs = Math.min(this.#nextRecheckNs, this.#sequences.nextStaleNs());
    return this.#sequences.shrinks ? Math.min(wakeupNs, this.#nextFallNs(nowNs)) : wakeupNs;
  }

  /** The first moment at which a target ceases to be busy for a class; Infinity = not by time alone. */
  #nextFallNs(nowNs: Ns): Ns {
    const { targets, count } = this.#fleet;
    let fallNs = Number.POSITIVE_INFINITY;
    for (let place = 0; place < count; place++) {
      const target = targets[place]!;
      for (const threshold of this.#thresholds) {
        if (this.#sequences.activePrefillTokens[target]! <= threshold) continue;
        fallNs = Math.min(fallNs, this.#sequences.prefillFallsToNs(target, threshold, nowNs));
      }
    }
    return fallNs;
  }

  /** Reads every target's load anew: it may have changed with time. */
  recheckAll(nowNs: Ns): void {
    for (let place = 0; place < this.#fleet.count; place++) {
      this.loadChanged(this.#fleet.targets[place]!);
    }
    this.#nextRecheckNs = nowNs + RECHECK_NS;
  }

  /** A target's active prefill has changed, or the target was just added. */
  loadChanged(target: number): void {
    this.#prefill.set(target, this.#sequences.activePrefillTokens[target]!);
  }

  targetRemoved(target: number): void {
    this.#prefill.delete(target);
  }

  leastPrefillTokens(pinnedTarget: number, terms: number): number {
    const eligibility = this.#eligibility;
    if (eligibility.resolve(pinnedTarget, terms) !== ROUTED) return -Infinity;
    const prefillTokens = this.#sequences.activePrefillTokens;
    if (pinnedTarget >= 0) return prefillTokens[pinnedTarget]!;
    if (eligibility.everyone) return this.#prefill.minimum;
    let least = Infinity;
    for (let place = 0; place < eligibility.count; place++) {
      least = Math.min(least, prefillTokens[eligibility.targets[place]!]!);
    }
    return least;
  }

  /** Workers in the fleet, of which each may have several ranks. */
  #workers(): number {
    const { targets, count } = this.#fleet;
    const { rank } = this.#eligibility.attributes;
    let workers = 0;
    for (let place = 0; place < count; place++) {
      if (rank[targets[place]!] === 0) workers++;
    }
    return workers;
  }
}
