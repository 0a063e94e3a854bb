/** Moments within a decode pass and up to the next one. */
const MOMENTS = 2 ** 24;

/** From here on they follow the pass; before, they belong to the requests that it gives tokens. */
const AFTERWARDS = 2 ** 23;

/**
 * The order in which a rank's cache is touched, as numbers that a leap can work out when it ends:
 * each decode pass has moments for the requests in it, in the order of their admission, and then
 * those of whatever happens until the next.
 *
 *     ├ requests of pass 7 ┤ then │├ requests of pass 8 ┤ then │…
 */
export class TouchClock {
  #pass = 0;
  #after = 0;
  /** Passes that never were, for more moments than fit between two. */
  #extra = 0;

  /** The moment now, when `passes` decode passes have ended; later with every call. */
  now(passes: number): number {
    if (passes !== this.#pass) {
      this.#pass = passes;
      this.#after = 0;
    } else if (++this.#after === AFTERWARDS) {
      this.#extra++;
      this.#after = 0;
    }
    return (passes + this.#extra) * MOMENTS + AFTERWARDS + this.#after;
  }

  /** The moment of a request in a decode pass; `order` is that of admission. */
  inPass(pass: number, order: number): number {
    return (pass + this.#extra) * MOMENTS + (order % AFTERWARDS);
  }
}
