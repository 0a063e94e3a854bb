import type { Candidate, RouteRequest } from '../../router/policies/pipeline/selection.ts';

/** A scorer that remembers where requests went. */
export interface RememberingScorer {
  scoreAll(candidates: readonly Candidate[], request: RouteRequest): number[];
  routed(worker: number, request: RouteRequest): void;
}

/**
 * `no-hit-lru-scorer`: a request that nobody has cached anything of goes to whoever got such a one
 * longest ago; those that never did come first, in their order. Other requests: 0.5 for all.
 */
export class NoHitLru implements RememberingScorer {
  readonly #size: number;
  /** Workers that have got a cold request, the longest ago first. */
  readonly #used: number[] = [];
  #cold = -1;

  constructor(size: number) {
    this.#size = size;
  }

  scoreAll(candidates: readonly Candidate[], request: RouteRequest): number[] {
    const cold = candidates.every(({ cachedBlocks }) => cachedBlocks === 0);
    this.#cold = cold ? request.id : -1;
    if (!cold) return candidates.map(() => 0.5);
    if (candidates.length === 1) return [1];
    const places = candidates.map(({ worker }) => this.#used.indexOf(worker));
    const fresh = places.filter((place) => place < 0).length;
    let seen = 0;
    return places.map((place) => {
      const rank = place < 0 ? seen++ : fresh + place;
      return Math.max(0, 1 - rank / (candidates.length - 1));
    });
  }

  routed(worker: number, request: RouteRequest): void {
    if (request.id !== this.#cold) return;
    const place = this.#used.indexOf(worker);
    if (place >= 0) this.#used.splice(place, 1);
    this.#used.push(worker);
    if (this.#used.length > this.#size) this.#used.shift();
  }
}

/** `session-affinity-scorer`: 1 for the worker that served the session last, 0 for the others. */
export class SessionAffinity implements RememberingScorer {
  readonly #workers = new Map<number, number>();

  scoreAll(candidates: readonly Candidate[], { session }: RouteRequest): number[] {
    const last = this.#workers.get(session);
    return candidates.map(({ worker }) => (worker === last ? 1 : 0));
  }

  routed(worker: number, { session }: RouteRequest): void {
    if (session >= 0) this.#workers.set(session, worker);
  }
}
