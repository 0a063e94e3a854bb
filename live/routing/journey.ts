import type { RouteQuery } from '#core/router/query.ts';
import type { RouteAsk } from './route-ask.ts';
import type { RouterPool } from './router-pool.ts';
import type { Session } from './session-numbers.ts';

/** How many output tokens a journal can tell of. */
export const UNKNOWN_TOKENS = -1;

/**
 * A request from when it asks for an engine until its last leg has ended. It has one number in the
 * routers of all pools. Whoever still has to do with it holds it; when nobody does, it is over.
 */
export class Journey {
  readonly ask: RouteAsk;
  /** What the routers are asked; reused from leg to leg. */
  readonly query: RouteQuery;
  readonly session: Session | undefined;
  /** Nanoseconds since the session's turn before, −1 = it did not wait for one. */
  readonly thinkNs: number;
  /** Number of its tenant for the journal, −1 = none. */
  readonly tenant: number;
  /** The pools whose routers have been told of it and not of its end. */
  readonly booked = new Set<RouterPool>();
  /** Ids of terms to be given back, with their pools. */
  readonly terms: (readonly [RouterPool, number])[] = [];
  #holds = 1;
  readonly #over: (journey: Journey) => void;

  constructor(parts: {
    readonly ask: RouteAsk;
    readonly query: RouteQuery;
    readonly session: Session | undefined;
    readonly thinkNs: number;
    readonly tenant: number;
    readonly over: (journey: Journey) => void;
  }) {
    this.ask = parts.ask;
    this.query = parts.query;
    this.session = parts.session;
    this.thinkNs = parts.thinkNs;
    this.tenant = parts.tenant;
    this.#over = parts.over;
  }

  get request(): number {
    return this.query.request;
  }

  get isOver(): boolean {
    return this.#holds === 0;
  }

  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#over(this);
  }
}
