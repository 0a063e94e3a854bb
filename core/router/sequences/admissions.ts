import { growColumn } from '#core/base/columns.ts';
import { NS_PER_S, type Ns } from '#core/base/time.ts';

/** Time between two looks at stale requests when requests are added, and when nothing is. */
const CHECK_NS = 30 * NS_PER_S;
const SWEEP_NS = 60 * NS_PER_S;

/**
 * When requests became active, to find those that have been so for too long: their end was lost, and
 * they would count as load for ever. Looked at when a request is added, at most every 30 s, and at
 * every full minute.
 *
 *     #request[place], #atNs[place]   ring in the order of admission, oldest at #head
 *     #sinceNs[request]               when it became active, −1 = it is not
 *
 * A request that has ended stays in the ring until it is the oldest.
 */
export class Admissions {
  readonly #expiryNs: Ns;
  #request = new Int32Array(64);
  #atNs = new Float64Array(64);
  #head = 0;
  #end = 0;
  #sinceNs = new Float64Array(64);
  #checkedNs: Ns = 0;
  #nextSweepNs: Ns = SWEEP_NS;
  /** Before it neither look is due. */
  #nextLookNs: Ns = CHECK_NS;

  /** `expiryNs`: a request that has been active for so long is stale. */
  constructor(expiryNs: Ns) {
    this.#expiryNs = expiryNs;
  }

  /** A request has become active; times never go back. */
  add(request: number, nowNs: Ns): void {
    if (this.#end === this.#request.length) this.#makeRoom();
    this.#request[this.#end] = request;
    this.#atNs[this.#end] = nowNs;
    this.#end++;
    this.#sinceNs = growColumn(this.#sinceNs, request + 1);
    this.#sinceNs[request] = nowNs;
  }

  /** A request is not active any more. */
  end(request: number): void {
    this.#sinceNs[request] = -1;
  }

  /**
   * The moment up to which requests must have been admitted to be stale now; −Infinity while it is
   * not yet time to look again. `adding` says that a request is about to be added.
   */
  staleUntil(nowNs: Ns, adding: boolean): Ns {
    if (nowNs < this.#nextLookNs) return Number.NEGATIVE_INFINITY;
    let lookedNs = Number.NEGATIVE_INFINITY;
    // The sweeps since the last fact come first, as they would have come without one.
    if (nowNs >= this.#nextSweepNs) lookedNs = this.#look(Math.floor(nowNs / SWEEP_NS) * SWEEP_NS);
    if (adding && nowNs - this.#checkedNs >= CHECK_NS) lookedNs = this.#look(nowNs);
    return lookedNs - this.#expiryNs;
  }

  /** Takes out the oldest request when it was admitted by then; −1 when it was not. */
  takeStale(untilNs: Ns): number {
    this.#dropEnded();
    if (this.#head === this.#end || this.#atNs[this.#head]! > untilNs) return -1;
    return this.#request[this.#head++]!;
  }

  /** The sweep that will find the oldest request stale; Infinity without any. */
  nextStaleNs(): Ns {
    this.#dropEnded();
    if (this.#head === this.#end) return Number.POSITIVE_INFINITY;
    const staleNs = this.#atNs[this.#head]! + this.#expiryNs;
    return Math.max(this.#nextSweepNs, Math.ceil(staleNs / SWEEP_NS) * SWEEP_NS);
  }

  #look(atNs: Ns): Ns {
    this.#checkedNs = atNs;
    this.#nextSweepNs = (Math.floor(atNs / SWEEP_NS) + 1) * SWEEP_NS;
    this.#nextLookNs = Math.min(this.#nextSweepNs, atNs + CHECK_NS);
    return atNs;
  }

  #dropEnded(): void {
    while (this.#head < this.#end) {
      if (this.#sinceNs[this.#request[this.#head]!] === this.#atNs[this.#head]) return;
      this.#head++;
    }
  }

  #makeRoom(): void {
    const count = this.#end - this.#head;
    this.#request.copyWithin(0, this.#head, this.#end);
    this.#atNs.copyWithin(0, this.#head, this.#end);
    this.#head = 0;
    this.#end = count;
    if (2 * count <= this.#request.length) return;
    this.#request = growColumn(this.#request, this.#request.length + 1);
    this.#atNs = growColumn(this.#atNs, this.#atNs.length + 1);
  }
}
