import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import { newRouteQuery, type RouteQuery } from '../query.ts';

/**
 * Which target served a session last. For a time the session's further requests are pinned there,
 * unless they name a target themselves. Times are those of the facts that ask: nothing happens when a
 * binding ends.
 *
 *     #target[session]     its target, −1 = none
 *     #untilNs[session]    from then on the binding is forgotten
 *     #isBound[request]    1 = its pin is its session's, not its own
 */
export class SessionAffinity {
  readonly #ttlNs: Ns;
  readonly #bound = newRouteQuery();
  #target = new Int32Array(64).fill(-1);
  #untilNs = new Float64Array(64);
  #isBound = new Uint8Array(64);

  /** `ttlNs`: how long a binding lives after the last request that used it. */
  constructor(ttlNs: Ns) {
    this.#ttlNs = ttlNs;
  }

  /** The query as its session has it: a copy with a pin, or itself. The copy is reused. */
  bind(query: RouteQuery, nowNs: Ns): RouteQuery {
    const target = query.pinnedTarget >= 0 ? -1 : this.#targetOf(query.session, nowNs);
    this.#isBound = growColumn(this.#isBound, query.request + 1);
    this.#isBound[query.request] = target < 0 ? 0 : 1;
    if (target < 0) return query;
    Object.assign(this.#bound, query);
    this.#bound.pinnedTarget = target;
    return this.#bound;
  }

  /** Whether a request's pin came from its session, so that it may be given up. */
  isBound(request: number): boolean {
    return this.#isBound[request] === 1;
  }

  /** A request of the session goes to the target. */
  routed(session: number, target: number, nowNs: Ns): void {
    if (session < 0) return;
    const before = this.#target.length;
    this.#target = growColumn(this.#target, session + 1);
    this.#target.fill(-1, before);
    this.#untilNs = growColumn(this.#untilNs, session + 1);
    this.#target[session] = target;
    this.#untilNs[session] = nowNs + this.#ttlNs;
  }

  /** A target has left the fleet: whoever was bound to it is free. */
  targetRemoved(target: number): void {
    for (let session = 0; session < this.#target.length; session++) {
      if (this.#target[session] === target) this.#target[session] = -1;
    }
  }

  #targetOf(session: number, nowNs: Ns): number {
    if (session < 0 || session >= this.#target.length) return -1;
    return nowNs < this.#untilNs[session]! ? this.#target[session]! : -1;
  }
}
