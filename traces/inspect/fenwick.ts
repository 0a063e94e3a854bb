/** Counts of marks at positions 0 … size − 1, with prefix sums in O(log size) (Fenwick 1994). */
export class FenwickTree {
  readonly #sums: Int32Array;
  #total = 0;

  constructor(size: number) {
    this.#sums = new Int32Array(size + 1);
  }

  get total(): number {
    return this.#total;
  }

  /** Adds `amount` at a position. */
  add(position: number, amount: number): void {
    this.#total += amount;
    const sums = this.#sums;
    for (let node = position + 1; node < sums.length; node += node & -node) {
      sums[node] = sums[node]! + amount;
    }
  }

  /** The sum over the positions before `position`. */
  sumBefore(position: number): number {
    const sums = this.#sums;
    let sum = 0;
    for (let node = position; node > 0; node -= node & -node) sum += sums[node]!;
    return sum;
  }
}
