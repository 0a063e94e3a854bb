/**
 * For each member of a ring, the rounds of credit that it still needs before it can pay; members
 * that wait for nothing need Infinity. A round granted to a stretch of the ring takes one from all
 * of them at once, and the next member that can pay is found without a visit to the others, so that
 * all operations cost O(log members).
 *
 *     #least[node]     least rounds needed below the node, what is granted above it not yet counted
 *     #granted[node]   rounds granted to all below the node, counted in its own #least already
 *
 * The children of node n are 2n and 2n + 1, the root is 1, leaf `leaves + place` is a member.
 */
export class CreditTree {
  readonly #leaves: number;
  readonly #least: Float64Array;
  readonly #granted: Float64Array;

  constructor(members: number) {
    let leaves = 1;
    while (leaves < members) leaves *= 2;
    this.#leaves = leaves;
    this.#least = new Float64Array(2 * leaves).fill(Infinity);
    this.#granted = new Float64Array(leaves);
  }

  /** The least that any member needs, Infinity when nobody waits. */
  get least(): number {
    return this.#least[1]!;
  }

  /** Rounds that a member needs now. */
  get(place: number): number {
    let node = this.#leaves + place;
    let rounds = this.#least[node]!;
    for (node >>= 1; node >= 1; node >>= 1) rounds -= this.#granted[node]!;
    return rounds;
  }

  /** Sets what a member needs from now on. */
  set(place: number, rounds: number): void {
    let node = this.#leaves + place;
    let own = rounds;
    for (let above = node >> 1; above >= 1; above >>= 1) own += this.#granted[above]!;
    this.#least[node] = own;
    for (node >>= 1; node >= 1; node >>= 1) this.#update(node);
  }

  /** Grants rounds to the members from … end − 1. */
  grant(from: number, end: number, rounds: number): void {
    if (from >= end) return;
    const first = this.#leaves + from;
    const last = this.#leaves + end - 1;
    let left = first;
    let right = last + 1;
    while (left < right) {
      if ((left & 1) === 1) this.#take(left++, rounds);
      if ((right & 1) === 1) this.#take(--right, rounds);
      left >>= 1;
      right >>= 1;
    }
    for (let node = first >> 1; node >= 1; node >>= 1) this.#update(node);
    for (let node = last >> 1; node >= 1; node >>= 1) this.#update(node);
  }

  /** The first member from `from` on that needs at most `rounds`, or −1. */
  firstWithin(rounds: number, from: number): number {
    return this.#search(1, 0, this.#leaves, from, rounds);
  }

  #search(node: number, begin: number, size: number, from: number, rounds: number): number {
    if (begin + size <= from || this.#least[node]! > rounds) return -1;
    if (size === 1) return begin;
    const half = size >> 1;
    const within = rounds + this.#granted[node]!;
    const found = this.#search(2 * node, begin, half, from, within);
    return found >= 0 ? found : this.#search(2 * node + 1, begin + half, half, from, within);
  }

  #take(node: number, rounds: number): void {
    this.#least[node] = this.#least[node]! - rounds;
    if (node < this.#leaves) this.#granted[node] = this.#granted[node]! + rounds;
  }

  #update(node: number): void {
    const below = Math.min(this.#least[2 * node]!, this.#least[2 * node + 1]!);
    this.#least[node] = below - this.#granted[node]!;
  }
}
