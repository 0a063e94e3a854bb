import { assert } from '#core/base/assert.ts';

/** What one owner holds of a node: disjoint ranges of blocks, ascending, as from, to, from, to… */
interface OwnerRanges {
  readonly owner: number;
  ranges: number[];
}

/**
 * Which owners hold which blocks of each forest node in a tier below device memory. Offloading takes
 * blocks one by one and eviction leaves holes, so a holding is any set of ranges.
 */
export class HeldRanges {
  readonly #nodes: OwnerRanges[][] = [];
  #holdings = 0;

  /** True while nobody holds anything. */
  get isEmpty(): boolean {
    return this.#holdings === 0;
  }

  /** The owner holds blocks [from, to) of the node, besides what it holds already. */
  stored(owner: number, node: number, from: number, to: number): void {
    assert(from >= 0 && from < to, 'a store names a range of blocks');
    const owners = this.#nodes[node] ?? [];
    this.#nodes[node] = owners;
    let held = owners.find((entry) => entry.owner === owner);
    if (held === undefined) {
      held = { owner, ranges: [] };
      owners.push(held);
      this.#holdings++;
    }
    held.ranges = [...without(held.ranges, from, to), from, to];
    held.ranges = joined(held.ranges);
  }

  /** The owner holds none of the blocks [from, to) any more; unknown ones are fine. */
  removed(owner: number, node: number, from: number, to: number): void {
    const held = this.#find(owner, node);
    if (held === undefined) return;
    held.ranges = joined(without(held.ranges, from, to));
    if (held.ranges.length === 0) this.#drop(owner, node);
  }

  /** The owner holds nothing. Costs a look at every node, so it is for rare events. */
  cleared(owner: number): void {
    for (let node = 0; node < this.#nodes.length; node++) {
      if (this.#find(owner, node) !== undefined) this.#drop(owner, node);
    }
  }

  /** The forest is about to reuse the node's id: nobody holds it any more. */
  freeNode(node: number): void {
    this.#holdings -= this.#nodes[node]?.length ?? 0;
    this.#nodes[node] = [];
  }

  /** Where the owner's blocks of the node that begin at `from` end, before `limit`; `from` = none. */
  endOfRun(owner: number, node: number, from: number, limit: number): number {
    const ranges = this.#find(owner, node)?.ranges;
    if (ranges === undefined) return from;
    for (let place = 0; place < ranges.length; place += 2) {
      if (ranges[place]! > from) return from;
      if (ranges[place + 1]! > from) return Math.min(ranges[place + 1]!, limit);
    }
    return from;
  }

  /** How many of the blocks [from, to) of the node the owner holds. */
  countIn(owner: number, node: number, from: number, to: number): number {
    const ranges = this.#find(owner, node)?.ranges ?? [];
    let count = 0;
    for (let place = 0; place < ranges.length; place += 2) {
      count += Math.max(0, Math.min(ranges[place + 1]!, to) - Math.max(ranges[place]!, from));
    }
    return count;
  }

  #find(owner: number, node: number): OwnerRanges | undefined {
    return this.#nodes[node]?.find((entry) => entry.owner === owner);
  }

  #drop(owner: number, node: number): void {
    this.#nodes[node] = this.#nodes[node]!.filter((entry) => entry.owner !== owner);
    this.#holdings--;
  }
}

/** The ranges with [from, to) taken out. */
function without(ranges: readonly number[], from: number, to: number): number[] {
  const left: number[] = [];
  for (let place = 0; place < ranges.length; place += 2) {
    const start = ranges[place]!;
    const end = ranges[place + 1]!;
    if (start < Math.min(end, from)) left.push(start, Math.min(end, from));
    if (Math.max(start, to) < end) left.push(Math.max(start, to), end);
  }
  return left;
}

/** The same blocks as ranges in order, with those that touch made one. */
function joined(ranges: readonly number[]): number[] {
  const pairs: [number, number][] = [];
  for (let place = 0; place < ranges.length; place += 2) {
    pairs.push([ranges[place]!, ranges[place + 1]!]);
  }
  pairs.sort(([a], [b]) => a - b);
  const out: number[] = [];
  for (const [from, to] of pairs) {
    if (out.at(-1) === from) out[out.length - 1] = to;
    else out.push(from, to);
  }
  return out;
}
