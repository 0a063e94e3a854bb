import type { Ns } from '#core/base/time.ts';
import type { EngineRole } from '#core/config/serve/engine-list.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { RouteQuery } from '#core/router/query.ts';
import { PolicyNames } from '#core/router/queue/classes/policy-names.ts';
import type { Router } from '#core/router/router.ts';
import { tracksOutput } from '#core/router/sequences/request-load.ts';
import type { Clock, Timers } from '../clock.ts';
import { TermsPool } from './terms-pool.ts';

/** What a router has decided for a request; see `DecisionLog`. */
export interface Decision {
  readonly target: number;
  readonly overlapBlocks: number;
  readonly queued: boolean;
  readonly outcome: number;
}

/** What a pool is made of. */
export interface RouterPoolParts {
  readonly role: EngineRole;
  readonly options: RouterOptions;
  /** Who is told facts: the router, or what keeps its journal. */
  readonly machine: RoutingMachine;
  /** The router itself, to be looked at. */
  readonly router: Router;
  readonly clock: Clock;
  readonly timers: Timers;
}

/**
 * The router in front of the engines of one role. It is told facts at the time of the clock, its
 * decisions are handed to whoever waits for them, and it is woken when it asks for that.
 */
export class RouterPool {
  readonly role: EngineRole;
  readonly options: RouterOptions;
  readonly router: Router;
  readonly terms: TermsPool;
  /** The numbers of policy classes and families; absent without classes. */
  readonly classNames: PolicyNames | undefined;
  /** The router is told how far requests have generated. */
  readonly tracksOutput: boolean;
  readonly #machine: RoutingMachine;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #waiting = new Map<number, (decision: Decision) => void>();
  #cancelWakeup: (() => void) | undefined;
  /** When the timer rings; Infinity = there is none. */
  #wakeupNs: Ns = Number.POSITIVE_INFINITY;

  constructor({ role, options, machine, router, clock, timers }: RouterPoolParts) {
    this.role = role;
    this.options = options;
    this.router = router;
    this.terms = new TermsPool(machine);
    this.classNames = options.classes && new PolicyNames(options.classes);
    this.tracksOutput = tracksOutput(options);
    this.#machine = machine;
    this.#clock = clock;
    this.#timers = timers;
  }

  /** Requests that wait in the router's queue. */
  get queued(): number {
    return this.#machine.pendingCount;
  }

  /** Why the last request that a full queue kept out was kept out. */
  get lastRejection(): RoutingMachine['lastRejection'] {
    return this.#machine.lastRejection;
  }

  /** A request asks for a target; `settle` gets the decision, before or after this returns. */
  arrive(query: RouteQuery, settle: (decision: Decision) => void): void {
    this.#waiting.set(query.request, settle);
    try {
      this.tell((router, nowNs) => router.arrive(query, nowNs));
    } catch (error) {
      this.#waiting.delete(query.request);
      throw error;
    }
  }

  /** The request is load no more, nor does it wait for a decision. */
  forget(request: number): void {
    this.#waiting.delete(request);
    this.tell((router, nowNs) => router.free(request, nowNs));
  }

  /** What the query would meet here is written into itself, for the router of another pool. */
  look(query: RouteQuery): void {
    this.#machine.look(query, this.#clock.nowNs(), query);
  }

  /** Tells the router something that may let requests go. */
  tell(fact: (router: RoutingMachine, nowNs: Ns) => void): void {
    fact(this.#machine, this.#clock.nowNs());
    this.#handOut();
    this.#arm();
  }

  /** Tells the router something that no decision follows from: what engines hold. */
  note(fact: (router: RoutingMachine) => void): void {
    fact(this.#machine);
  }

  /** Nothing wakes the router any more. */
  stop(): void {
    this.#cancelWakeup?.();
    this.#wakeupNs = Number.POSITIVE_INFINITY;
  }

  #handOut(): void {
    const log = this.#machine.decisions;
    for (let row = 0; row < log.count; row++) {
      const request = log.request[row]!;
      const settle = this.#waiting.get(request);
      this.#waiting.delete(request);
      settle?.({
        target: log.target[row]!,
        overlapBlocks: log.overlapBlocks[row]!,
        queued: log.queued[row] === 1,
        outcome: log.outcome[row]!,
      });
    }
    log.clear();
  }

  #arm(): void {
    const wakeupNs = this.#machine.nextWakeupNs() ?? Number.POSITIVE_INFINITY;
    if (wakeupNs === this.#wakeupNs) return;
    this.#cancelWakeup?.();
    this.#wakeupNs = wakeupNs;
    this.#cancelWakeup = undefined;
    if (wakeupNs === Number.POSITIVE_INFINITY) return;
    const delayNs = Math.max(0, wakeupNs - this.#clock.nowNs());
    this.#cancelWakeup = this.#timers.after(delayNs, () => {
      this.#wakeupNs = Number.POSITIVE_INFINITY;
      this.tell((router, nowNs) => router.tick(nowNs));
    });
  }
}
