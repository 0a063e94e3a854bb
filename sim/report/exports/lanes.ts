/** Gives spans that overlap lanes of their own; spans come in the order of their starts. */
export class Lanes {
  readonly #freeFrom: number[] = [];

  /** The lowest lane that is free from `start` on; it is taken until `end`. */
  take(start: number, end: number): number {
    let lane = this.#freeFrom.findIndex((free) => free <= start);
    if (lane < 0) lane = this.#freeFrom.length;
    this.#freeFrom[lane] = end;
    return lane;
  }

  get count(): number {
    return this.#freeFrom.length;
  }
}
