import type { Ns } from '#core/base/time.ts';
import { QUEUE_REJECTED, ROUTED } from './decisions.ts';
import { newRouteQuery, type PrefillOutlook, type RouteQuery } from './query.ts';
import type { OutsideBooking } from './replicas/outside-booking.ts';
import type { RouterParts } from './router-parts.ts';
import type { LoadListener } from './sequences/active-sequences.ts';

/**
 * The way of requests through a router: let in, decided at once or queued, let go when somebody has
 * room, forgotten. Whoever keeps an account of loads is told of each change here.
 */
export class RequestFlow {
  /** The time of the last fact. */
  nowNs: Ns = 0;
  readonly #parts: RouterParts;
  readonly #waiting = newRouteQuery();
  readonly #onLoad: LoadListener = (target) => this.loadChanged(target);

  constructor(parts: RouterParts) {
    this.#parts = parts;
  }

  /** Brings everything that changes by time alone up to now; `adding` when a request comes. */
  catchUp(nowNs: Ns, adding: boolean): void {
    this.nowNs = nowNs;
    this.#parts.sequences.catchUp(nowNs, adding, this.#onLoad);
    this.#parts.routed?.catchUp(nowNs);
  }

  /** A request that is neither active nor waiting is routed, rejected or queued. */
  admit(query: RouteQuery, nowNs: Ns): void {
    const { policy, queue, eligibility, decider } = this.#parts;
    policy.prepare(query);
    const { pinnedTarget, terms } = query;
    if (queue === undefined || eligibility.resolve(pinnedTarget, terms) !== ROUTED) {
      this.#decide(query, 0, nowNs);
      return;
    }
    const cachedTokens = decider.bestCachedTokens(query);
    const admission = queue.admit(query, cachedTokens);
    if (admission !== 'send' && this.#parts.disaggregation !== undefined && query.mayBypass === 1) {
      decider.sendRemote(query, nowNs);
      return;
    }
    switch (admission) {
      case 'send':
        this.#decide(query, 0, nowNs);
        return;
      case 'reject':
        decider.reject(query, 0, QUEUE_REJECTED);
        return;
      case 'wait':
        queue.push(query, cachedTokens, policy.keepOverlaps(), nowNs);
        this.drain(nowNs);
    }
  }

  /** A request that another router has sent to a target is load there too. */
  bookElsewhere(booking: Readonly<OutsideBooking>, nowNs: Ns): void {
    this.#parts.decider.bookOutside(booking, nowNs);
    this.loadChanged(booking.target);
  }

  /**
   * Where a query would go that came now, and what it would meet there; nothing is booked, and the
   * draws are taken back. Everything is unknown where the mode does not look at prompts.
   */
  look(query: RouteQuery, nowNs: Ns, out: PrefillOutlook): void {
    this.catchUp(nowNs, false);
    out.prefillRejected = 0;
    const target = this.#parts.informed ? this.#targetFor(query, out) : -1;
    const { sequences, policy } = this.#parts;
    out.prefillTokens = target < 0 ? -1 : sequences.activePrefillTokens[target]!;
    out.prefillRequests = target < 0 ? -1 : sequences.activeRequests[target]!;
    out.prefillCachedTokens = target < 0 ? -1 : policy.cachedTokensOf(target);
  }

  /** The request is load no more, nor does it wait. */
  forget(request: number, nowNs: Ns): void {
    const { sequences, queue } = this.#parts;
    this.#parts.disaggregation?.forget(request);
    const target = sequences.targetOf(request);
    if (target < 0) {
      queue?.cancel(request, this.#waiting);
      return;
    }
    sequences.free(request, nowNs);
    this.loadChanged(target);
  }

  /** Whoever may leave the queue leaves it. */
  drain(nowNs: Ns): void {
    const { queue, policy } = this.#parts;
    if (queue === undefined) return;
    const waiting = this.#waiting;
    while (queue.count > 0) {
      const departure = queue.pop(waiting);
      if (departure === undefined) return;
      if (queue.isStale(departure, nowNs)) policy.prepare(waiting);
      else policy.prepareAgain(waiting, departure.overlaps);
      this.#decide(waiting, 1, nowNs);
    }
  }

  /** A target's load is another now, or the target has just come. */
  loadChanged(target: number): void {
    const { informed, overload, policy, queue } = this.#parts;
    queue?.loadChanged(target);
    if (informed && overload.isActive) {
      const { activePrefillTokens, activeBlocks } = this.#parts.sequences;
      overload.report(target, activePrefillTokens[target]!, activeBlocks[target]!, -1);
    }
    policy.loadChanged(target);
  }

  /** The target that the query would be routed to, −1 = none, or the queue is full. */
  #targetFor(query: RouteQuery, out: PrefillOutlook): number {
    const { policy, queue, decider } = this.#parts;
    policy.prepare(query);
    const target = decider.preview(query);
    if (target < 0 || queue === undefined) return target;
    const isFull = queue.admit(query, decider.bestCachedTokens(query)) === 'reject';
    out.prefillRejected = isFull ? 1 : 0;
    return target;
  }

  #decide(query: RouteQuery, queued: number, nowNs: Ns): void {
    const target = this.#parts.decider.decide(query, queued, nowNs);
    if (target >= 0) this.loadChanged(target);
  }
}
