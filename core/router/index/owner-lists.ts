import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';

const MAX_CLASSES = 28;
/** A new run has room for four: most nodes that get a second owner get a third one. */
const FIRST_CLASS = 2;
const INITIAL_NODES = 1024;
const INITIAL_SLOTS = 4096;

/**
 * For each forest node the targets that hold a leading part of it. The owners of a node lie side
 * by side in a run of slots, so that a walk over a thousand owners reads memory in order. Runs have
 * power-of-two capacities; a run that overflows moves to one of twice the size, and freed runs wait
 * in one list per capacity. A hash of (node, target) finds an owner without a scan.
 *
 *     #start[node]      first slot of its run
 *     #size[node]       owners in the run
 *     #class[node]      log2 of the run's capacity, −1 = no run
 *     owner[slot]       target; in a freed run's first slot: the next freed run, −1 = end
 *     covered[slot]     leading blocks of the node held, ≥ 1
 *     tag[slot]         an integer for the user of the table
 *
 * A slot stays valid until the next insert or erase.
 */
export class OwnerLists {
  owner = new Int32Array(INITIAL_SLOTS);
  covered = new Int32Array(INITIAL_SLOTS);
  tag = new Int32Array(INITIAL_SLOTS);
  #start = new Int32Array(INITIAL_NODES);
  #size = new Int32Array(INITIAL_NODES);
  #class = new Int32Array(INITIAL_NODES).fill(-1);
  #nodes = INITIAL_NODES;
  #fresh = 0;
  readonly #freed = new Int32Array(MAX_CLASSES).fill(-1);
  readonly #places = new PairMap(INITIAL_SLOTS);

  /** First slot of the node's owners. */
  start(node: number): number {
    return node < this.#nodes ? this.#start[node]! : 0;
  }

  /** How many targets own a part of the node. */
  size(node: number): number {
    return node < this.#nodes ? this.#size[node]! : 0;
  }

  /** Nodes with a higher id own nothing. */
  get nodeLimit(): number {
    return this.#nodes;
  }

  /** The slot of (node, target), −1 = not an owner. */
  find(node: number, target: number): number {
    const place = this.#places.get(node, target);
    return place < 0 ? -1 : this.#start[node]! + place;
  }

  /** Makes the target an owner, which it must not be yet; the caller fills `covered` and `tag`. */
  insert(node: number, target: number): number {
    if (node >= this.#nodes) this.#growNodes(node);
    const size = this.#size[node]!;
    const capacityClass = this.#class[node]!;
    if (capacityClass < 0) this.#moveRun(node, FIRST_CLASS);
    else if (size === 1 << capacityClass) this.#moveRun(node, capacityClass + 1);
    const slot = this.#start[node]! + size;
    this.owner[slot] = target;
    this.#size[node] = size + 1;
    this.#places.set(node, target, size);
    return slot;
  }

  /** Takes the owner in a slot off the node; the last owner moves into its place. */
  eraseAt(node: number, slot: number): void {
    const start = this.#start[node]!;
    const place = slot - start;
    assert(place >= 0 && place < this.#size[node]!, 'the slot is not one of the node');
    const target = this.owner[slot]!;
    const last = this.#size[node]! - 1;
    if (place !== last) {
      const moved = this.owner[start + last]!;
      this.owner[start + place] = moved;
      this.covered[start + place] = this.covered[start + last]!;
      this.tag[start + place] = this.tag[start + last]!;
      this.#places.set(node, moved, place);
    }
    this.#places.delete(node, target);
    this.#size[node] = last;
    if (last === 0) this.#giveRun(node);
  }

  #growNodes(node: number): void {
    const nodes = this.#nodes;
    this.#start = growColumn(this.#start, node + 1);
    this.#size = growColumn(this.#size, node + 1);
    this.#class = growColumn(this.#class, node + 1).fill(-1, nodes);
    this.#nodes = this.#class.length;
  }

  #moveRun(node: number, capacityClass: number): void {
    assert(capacityClass < MAX_CLASSES, 'a node has too many owners');
    const from = this.#start[node]!;
    const size = this.#size[node]!;
    const to = this.#takeRun(capacityClass);
    if (size > 0) {
      this.owner.copyWithin(to, from, from + size);
      this.covered.copyWithin(to, from, from + size);
      this.tag.copyWithin(to, from, from + size);
      this.#giveRun(node);
    }
    this.#start[node] = to;
    this.#class[node] = capacityClass;
  }

  #takeRun(capacityClass: number): number {
    const freed = this.#freed[capacityClass]!;
    if (freed >= 0) {
      this.#freed[capacityClass] = this.owner[freed]!;
      return freed;
    }
    const run = this.#fresh;
    this.#fresh += 1 << capacityClass;
    this.owner = growColumn(this.owner, this.#fresh);
    this.covered = growColumn(this.covered, this.#fresh);
    this.tag = growColumn(this.tag, this.#fresh);
    return run;
  }

  #giveRun(node: number): void {
    const capacityClass = this.#class[node]!;
    if (capacityClass < 0) return;
    const run = this.#start[node]!;
    this.owner[run] = this.#freed[capacityClass]!;
    this.#freed[capacityClass] = run;
    this.#class[node] = -1;
  }
}
