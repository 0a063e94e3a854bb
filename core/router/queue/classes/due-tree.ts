/** Children of a node, as a power of two: wide enough that a few steps reach any member. */
const BITS = 4;
const WIDTH = 1 << BITS;

/**
 * For each member of a ring, the round in which it can pay; Infinity where nobody waits. A flat tree
 * of 16 children a node, whose operations cost a few steps a level.
 *
 *     #least[l][i]   least round below node i of level l, what was added above it not yet counted
 *     #added[l][i]   added to all below the node, counted in its own #least already
 *
 * Level 0 holds the members; node i of level l has the children 16 i … 16 i + 15 of level l − 1.
 */
export class DueTree {
  readonly #least: Float64Array[] = [];
  readonly #added: Float64Array[] = [];
  readonly #top: number;

  constructor(members: number) {
    for (let nodes = members; ; nodes = Math.ceil(nodes / WIDTH)) {
      const padded = nodes === 1 ? 1 : Math.ceil(nodes / WIDTH) * WIDTH;
      this.#least.push(new Float64Array(padded).fill(Infinity));
      this.#added.push(new Float64Array(padded));
      if (nodes === 1) break;
    }
    this.#top = this.#least.length - 1;
  }

  get(place: number): number {
    return this.#least[0]![place]! + this.#addedAbove(place);
  }

  set(place: number, due: number): void {
    let before = this.#least[0]![place]!;
    let after = due - this.#addedAbove(place);
    this.#least[0]![place] = after;
    let node = place;
    for (let level = 1; level <= this.#top && after !== before; level++) {
      node >>= BITS;
      const least = this.#least[level]!;
      const added = this.#added[level]![node]!;
      const known = least[node]! - added;
      if (after > known && before !== known) return;
      const now = after <= known ? after : this.#leastChild(level, node);
      before = least[node]!;
      after = now + added;
      least[node] = after;
    }
  }

  /** Adds to what stands at the places from … end − 1. */
  shift(from: number, end: number, by: number): void {
    if (from < end) this.#shiftBelow(this.#top, 0, from, end, by);
  }

  /** The first place from `from` on that is due by then, or −1. */
  firstDue(by: number, from: number): number {
    if (from >= this.#least[0]!.length || this.#least[this.#top]![0]! > by) return -1;
    let limit = by - this.#addedAbove(from);
    let node = from;
    for (let level = 0; ; level++) {
      const least = this.#least[level]!;
      const end = Math.min(least.length, (node | (WIDTH - 1)) + 1);
      // On the way up the node itself has been looked through.
      for (let next = level === 0 ? node : node + 1; next < end; next++) {
        if (least[next]! <= limit) return this.#descend(level, next, limit);
      }
      if (level === this.#top) return -1;
      node >>= BITS;
      limit += this.#added[level + 1]![node]!;
    }
  }

  /** The least of the places from … end − 1. */
  leastOf(from: number, end: number): number {
    return from < end ? this.#leastBelow(this.#top, 0, from, end) : Infinity;
  }

  #shiftBelow(level: number, node: number, from: number, end: number, by: number): void {
    const first = node << (BITS * level);
    const last = (node + 1) << (BITS * level);
    if (from >= last || end <= first) return;
    if (from <= first && last <= end) {
      this.#least[level]![node] = this.#least[level]![node]! + by;
      this.#added[level]![node] = this.#added[level]![node]! + by;
      return;
    }
    for (let child = node << BITS; child < (node + 1) << BITS; child++) {
      this.#shiftBelow(level - 1, child, from, end, by);
    }
    this.#least[level]![node] = this.#leastChild(level, node) + this.#added[level]![node]!;
  }

  #leastBelow(level: number, node: number, from: number, end: number): number {
    const first = node << (BITS * level);
    const last = (node + 1) << (BITS * level);
    if (from >= last || end <= first) return Infinity;
    if (from <= first && last <= end) return this.#least[level]![node]!;
    let least = Infinity;
    for (let child = node << BITS; child < (node + 1) << BITS; child++) {
      least = Math.min(least, this.#leastBelow(level - 1, child, from, end));
    }
    return least + this.#added[level]![node]!;
  }

  #leastChild(level: number, node: number): number {
    const below = this.#least[level - 1]!;
    let least = Infinity;
    for (let child = node << BITS; child < (node + 1) << BITS; child++) {
      if (below[child]! < least) least = below[child]!;
    }
    return least;
  }

  #descend(from: number, node: number, by: number): number {
    let limit = by;
    let found = node;
    for (let level = from; level > 0; level--) {
      limit -= this.#added[level]![found]!;
      found <<= BITS;
      const below = this.#least[level - 1]!;
      while (below[found]! > limit) found++;
    }
    return found;
  }

  #addedAbove(place: number): number {
    let sum = 0;
    let node = place;
    for (let level = 1; level <= this.#top; level++) {
      node >>= BITS;
      sum += this.#added[level]![node]!;
    }
    return sum;
  }
}
