/**
 * The least value at or beyond a place, over values that are put in one by one (a Fenwick tree from
 * the end). Each value carries a row, so that the answer says who it belongs to.
 */
export class SuffixMin {
  readonly #value: Float64Array;
  readonly #row: Int32Array;

  constructor(places: number) {
    this.#value = new Float64Array(places + 1).fill(Number.POSITIVE_INFINITY);
    this.#row = new Int32Array(places + 1).fill(-1);
  }

  put(place: number, value: number, row: number): void {
    const size = this.#value.length;
    for (let node = size - 1 - place; node < size; node += node & -node) {
      if (value >= this.#value[node]!) continue;
      this.#value[node] = value;
      this.#row[node] = row;
    }
  }

  /** The row with the least value among places ≥ `from`, if that is below `bound`; −1 if not. */
  rowBelow(from: number, bound: number): number {
    let least = bound;
    let row = -1;
    for (let node = this.#value.length - 1 - from; node > 0; node -= node & -node) {
      if (this.#value[node]! >= least) continue;
      least = this.#value[node]!;
      row = this.#row[node]!;
    }
    return row;
  }
}
