import type { Ns } from '#core/base/time.ts';
import type { LinkTable } from './link-table.ts';

/** Rates are added up in whole steps, so that a link's load is exact whatever came and went. */
const LOAD_STEPS = 2 ** 30;

/** What flows of one rate put on a link, in whole steps of 2⁻³⁰ bytes per nanosecond each. */
export function loadOf(rate: number, flows: number): number {
  return Math.floor(rate * LOAD_STEPS) * flows;
}

/** Bytes in steps, whole ones. */
export function stepsOf(bytes: number): number {
  return Math.round(bytes * LOAD_STEPS);
}

/**
 * How much each link is used. Sums are brought up to date when the load changes, so that a moment
 * which lasts no time counts for nothing.
 *
 *     #load[link]       what flows now, in steps
 *     #sinceNs[link]    until when the sums below count
 *     #moved[link]      ∫ load dt, steps · ns
 *     #owed[link]       corrections of this moment, added up by themselves to be exact in any order
 *     #busyNs[link]     time with anything flowing
 *     #peak[link]       greatest load that lasted any time
 */
export class LinkUsage {
  readonly #links: LinkTable;
  readonly #load: Float64Array;
  readonly #sinceNs: Float64Array;
  readonly #moved: Float64Array;
  readonly #owed: Float64Array;
  readonly #busyNs: Float64Array;
  readonly #peak: Float64Array;

  constructor(links: LinkTable) {
    this.#links = links;
    this.#load = new Float64Array(links.count);
    this.#sinceNs = new Float64Array(links.count);
    this.#moved = new Float64Array(links.count);
    this.#owed = new Float64Array(links.count);
    this.#busyNs = new Float64Array(links.count);
    this.#peak = new Float64Array(links.count);
  }

  /** The load of a link changes by `steps` at `nowNs`. */
  change(link: number, steps: number, nowNs: Ns): void {
    this.#advance(link, nowNs);
    this.#load[link]! += steps;
  }

  /** Puts the bytes of a link right by `steps` of 2⁻³⁰ bytes. */
  correct(link: number, steps: number): void {
    this.#owed[link]! += steps;
  }

  /** Bytes per nanosecond that flow over a link now. */
  rate(link: number): number {
    return this.#load[link]! / LOAD_STEPS;
  }

  /** Bytes that have flowed over a link by `nowNs`: all of flows that ended, and what others moved. */
  bytes(link: number, nowNs: Ns): number {
    const spanNs = nowNs - this.#sinceNs[link]!;
    return (this.#moved[link]! + this.#owed[link]! + this.#load[link]! * spanNs) / LOAD_STEPS;
  }

  /** Time by `nowNs` in which anything flowed over a link. */
  busyNs(link: number, nowNs: Ns): Ns {
    const spanNs = nowNs - this.#sinceNs[link]!;
    return this.#busyNs[link]! + (this.#load[link]! > 0 ? spanNs : 0);
  }

  /** The greatest share of its capacity that a link has given by `nowNs`, for any time at all. */
  peakShare(link: number, nowNs: Ns): number {
    const lasts = nowNs > this.#sinceNs[link]!;
    const peak = Math.max(this.#peak[link]!, lasts ? this.#load[link]! : 0);
    return peak / LOAD_STEPS / this.#links.capacity[link]!;
  }

  #advance(link: number, nowNs: Ns): void {
    const spanNs = nowNs - this.#sinceNs[link]!;
    if (spanNs === 0) return;
    const load = this.#load[link]!;
    this.#moved[link]! += this.#owed[link]!;
    this.#owed[link] = 0;
    if (load > 0) {
      this.#moved[link]! += load * spanNs;
      this.#busyNs[link]! += spanNs;
      if (load > this.#peak[link]!) this.#peak[link] = load;
    }
    this.#sinceNs[link] = nowNs;
  }
}
