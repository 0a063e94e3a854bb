import { assert } from '#core/base/assert.ts';

/** Disjoint ranges of blocks, ascending, no two of which touch: from, to, from, to… */
type Ranges = number[];

/**
 * Which owners hold which blocks of each forest node in a tier below device memory. Offloading takes
 * blocks one by one and eviction leaves holes, so a holding is any set of ranges.
 */
export class HeldRanges {
  /** By node, what each owner holds of it. */
  readonly #nodes: (Map<number, Ranges> | undefined)[] = [];
  #holdings = 0;

  /** True while nobody holds anything. */
  get isEmpty(): boolean {
    return this.#holdings === 0;
  }

  /** The owner holds blocks [from, to) of the node, besides what it holds already. */
  stored(owner: number, node: number, from: number, to: number): void {
    assert(from >= 0 && from < to, 'a store names a range of blocks');
    const owners = this.#nodes[node] ?? new Map<number, Ranges>();
    this.#nodes[node] = owners;
    const ranges = owners.get(owner);
    if (ranges !== undefined) {
      include(ranges, from, to);
      return;
    }
    owners.set(owner, [from, to]);
    this.#holdings++;
  }

  /** The owner holds none of the blocks [from, to) any more; unknown ones are fine. */
  removed(owner: number, node: number, from: number, to: number): void {
    const ranges = this.#find(owner, node);
    if (ranges === undefined) return;
    exclude(ranges, from, to);
    if (ranges.length === 0) this.#drop(owner, node);
  }

  /** The owner holds nothing. Costs a look at every node, so it is for rare events. */
  cleared(owner: number): void {
    for (let node = 0; node < this.#nodes.length; node++) {
      this.#drop(owner, node);
    }
  }

  /** The forest is about to reuse the node's id: nobody holds it any more. */
  freeNode(node: number): void {
    this.#holdings -= this.#nodes[node]?.size ?? 0;
    this.#nodes[node] = undefined;
  }

  /** Where the owner's blocks of the node that begin at `from` end, before `limit`; `from` = none. */
  endOfRun(owner: number, node: number, from: number, limit: number): number {
    const ranges = this.#find(owner, node);
    if (ranges === undefined) return from;
    for (let place = 0; place < ranges.length; place += 2) {
      if (ranges[place]! > from) return from;
      if (ranges[place + 1]! > from) return Math.min(ranges[place + 1]!, limit);
    }
    return from;
  }

  /** How many of the blocks [from, to) of the node the owner holds. */
  countIn(owner: number, node: number, from: number, to: number): number {
    const ranges = this.#find(owner, node);
    if (ranges === undefined) return 0;
    let count = 0;
    for (let place = 0; place < ranges.length; place += 2) {
      count += Math.max(0, Math.min(ranges[place + 1]!, to) - Math.max(ranges[place]!, from));
    }
    return count;
  }

  #find(owner: number, node: number): Ranges | undefined {
    return this.#nodes[node]?.get(owner);
  }

  #drop(owner: number, node: number): void {
    if (this.#nodes[node]?.delete(owner) === true) this.#holdings--;
  }
}

/** The first place whose range ends at `block` or behind it; past the last when none does. */
function firstEndingFrom(ranges: Ranges, block: number): number {
  let place = 0;
  while (place < ranges.length && ranges[place + 1]! < block) place += 2;
  return place;
}

/** Adds [from, to), and makes one of what it touches. */
function include(ranges: Ranges, from: number, to: number): void {
  const first = firstEndingFrom(ranges, from);
  let start = from;
  let end = to;
  let next = first;
  for (; next < ranges.length && ranges[next]! <= to; next += 2) {
    start = Math.min(start, ranges[next]!);
    end = Math.max(end, ranges[next + 1]!);
  }
  replace(ranges, first, next, start, end);
}

/** Takes [from, to) out; a range around it falls into two. */
function exclude(ranges: Ranges, from: number, to: number): void {
  for (let place = ranges.length - 2; place >= 0; place -= 2) {
    const start = ranges[place]!;
    const end = ranges[place + 1]!;
    if (end <= from || start >= to) continue;
    ranges.splice(place, 2);
    if (to < end) ranges.splice(place, 0, to, end);
    if (start < from) ranges.splice(place, 0, start, from);
  }
}

/** Puts one range in the place of those at [first, next), which may be none. */
function replace(ranges: Ranges, first: number, next: number, start: number, end: number): void {
  if (first === next) {
    ranges.splice(first, 0, start, end);
    return;
  }
  ranges[first] = start;
  ranges[first + 1] = end;
  if (next > first + 2) ranges.splice(first + 2, next - first - 2);
}
