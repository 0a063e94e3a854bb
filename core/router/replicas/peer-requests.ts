import { NS_PER_S, type Ns } from '#core/base/time.ts';
import { type Due, DueQueue } from './due-queue.ts';

/**
 * How long is remembered that a request has ended, or that its first token is out, for messages that
 * come late. What comes later still costs no more than the request's own expiry.
 */
export const LATE_NS = 60 * NS_PER_S;

/** The books in which requests of other routers stand while they are active. */
export interface PeerBooks<Load> {
  /** The target has a request more; returns what it is called from now on, ≥ 0. */
  book(target: number, load: Load): number;
  /** The first token of a booked request is out. Told once. */
  prefillCompleted(booking: number): void;
  /** A booked request is load no more. Told once, and the last that is told of it. */
  free(booking: number): void;
}

/** Who sent a request where, and what it is called there. */
export interface PeerRequestName {
  /** The router that speaks. */
  readonly router: bigint;
  readonly target: number;
  /** The request's id, which its router uses once for a target. */
  readonly id: string;
}

/** What is known of one request on one target. */
interface PeerRequest {
  readonly key: string;
  /** Who has added it. */
  router: bigint;
  /** Its booking, −1 = it is no load: not yet added, or ended. */
  booking: number;
  isPrefilled: boolean;
  hasEnded: boolean;
  due: Due<PeerRequest> | undefined;
}

/**
 * The requests of other routers, as those tell of them: added, prefilled, ended. What is known of one
 * is the union of what was said of it, so that messages may come in any order and any number of times;
 * it is load from when it was added until it ended:
 *
 *     added   ended    it is
 *     no      –        no load; a first token that is out already is remembered
 *     yes     no       load, and prompt tokens too unless its first token is out
 *     –       yes      no load, whatever else comes
 *
 * Messages that are lost end with time. A request whose end was lost is no load any more after
 * `expiryNs`, as one's own requests; what is no load is forgotten after `LATE_NS`.
 */
export class PeerRequests<Load> {
  /** Messages that said something new, and those that said nothing new. */
  applied = 0;
  repeated = 0;
  /** Requests whose end never came. */
  expired = 0;
  readonly #books: PeerBooks<Load>;
  readonly #requests = new Map<string, PeerRequest>();
  readonly #activeOf = new Map<bigint, number>();
  readonly #active: DueQueue<PeerRequest>;
  readonly #remembered = new DueQueue<PeerRequest>(LATE_NS);
  #activeCount = 0;

  constructor(books: PeerBooks<Load>, expiryNs: Ns) {
    this.#books = books;
    this.#active = new DueQueue(expiryNs);
  }

  /** Requests that are load. */
  get active(): number {
    return this.#activeCount;
  }

  /** Those of them that a router has added. */
  activeOf(router: bigint): number {
    return this.#activeOf.get(router) ?? 0;
  }

  /** Requests of which anything is remembered. */
  get known(): number {
    return this.#requests.size;
  }

  /** A router has sent a request to a target. */
  added(name: PeerRequestName, load: Load, nowNs: Ns): void {
    this.catchUp(nowNs);
    const request = this.#find(name);
    if (request.hasEnded || request.booking >= 0) {
      this.repeated++;
      return;
    }
    this.applied++;
    request.router = name.router;
    request.booking = this.#books.book(name.target, load);
    if (request.isPrefilled) this.#books.prefillCompleted(request.booking);
    this.#count(name.router, 1);
    this.#wait(request, this.#active, nowNs);
  }

  /** The first token of a request is out. */
  prefilled(name: PeerRequestName, nowNs: Ns): void {
    this.catchUp(nowNs);
    const request = this.#find(name);
    if (request.hasEnded || request.isPrefilled) {
      this.repeated++;
      return;
    }
    this.applied++;
    request.isPrefilled = true;
    if (request.booking >= 0) this.#books.prefillCompleted(request.booking);
    else this.#wait(request, this.#remembered, nowNs);
  }

  /** A request has ended, in whatever state it was. */
  freed(name: PeerRequestName, nowNs: Ns): void {
    this.catchUp(nowNs);
    const request = this.#find(name);
    if (request.hasEnded) {
      this.repeated++;
      return;
    }
    this.applied++;
    this.#end(request, nowNs);
  }

  /**
   * A router is gone, and its requests with it. They are not remembered as ended: one that comes back
   * tells of them again, and they are load again.
   */
  gone(router: bigint): void {
    for (const request of this.#active.waiting()) {
      if (request.router !== router) continue;
      this.expired++;
      if (request.due !== undefined) request.due.item = undefined;
      this.#requests.delete(request.key);
      this.#count(router, -1);
      this.#books.free(request.booking);
    }
  }

  /** Brings everything that changes by time alone up to now. */
  catchUp(nowNs: Ns): void {
    for (;;) {
      const request = this.#active.take(nowNs);
      if (request === undefined) break;
      this.expired++;
      this.#end(request, nowNs);
    }
    for (;;) {
      const request = this.#remembered.take(nowNs);
      if (request === undefined) break;
      this.#requests.delete(request.key);
    }
  }

  /** When `catchUp` will change something; Infinity = never without a message. */
  nextWakeupNs(): Ns {
    return Math.min(this.#active.nextNs(), this.#remembered.nextNs());
  }

  #find({ router, target, id }: PeerRequestName): PeerRequest {
    const key = `${target} ${id}`;
    const known = this.#requests.get(key);
    if (known !== undefined) return known;
    const request: PeerRequest = {
      key,
      router,
      booking: -1,
      isPrefilled: false,
      hasEnded: false,
      due: undefined,
    };
    this.#requests.set(key, request);
    return request;
  }

  #end(request: PeerRequest, nowNs: Ns): void {
    const { booking } = request;
    request.hasEnded = true;
    request.booking = -1;
    this.#wait(request, this.#remembered, nowNs);
    if (booking < 0) return;
    this.#count(request.router, -1);
    this.#books.free(booking);
  }

  /** Lets the request fall due where it stands now, and nowhere else. */
  #wait(request: PeerRequest, queue: DueQueue<PeerRequest>, nowNs: Ns): void {
    if (request.due !== undefined) request.due.item = undefined;
    request.due = queue.push(request, nowNs);
  }

  #count(router: bigint, more: 1 | -1): void {
    this.#activeCount += more;
    const count = this.activeOf(router) + more;
    if (count === 0) this.#activeOf.delete(router);
    else this.#activeOf.set(router, count);
  }
}
