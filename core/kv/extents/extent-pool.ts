import { assert } from '#core/base/assert.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import { DuplicateTable } from './duplicate-table.ts';
import { ExtentEvent, ExtentEventLog } from './event-log.ts';
import { ExtentEviction } from './extent-eviction.ts';
import type { HolderTable } from './holder-table.ts';
import type { EvictionScore } from './order/eviction-score.ts';
import { ScoredOrder } from './order/scored-order.ts';
import { TouchOrder } from './order/touch-order.ts';
import { PathSteps } from './path.ts';
import { ResidencyTable } from './residency-table.ts';
import { RunList } from './run-list.ts';

/**
 * The KV blocks of one worker, run by run instead of block by block.
 *
 * It behaves as a pool of single blocks with prefix caching does: blocks that nobody holds stay
 * until they are needed and are evicted in the order in which they were let go, the last block of a
 * request first; free blocks are used before any is evicted. What makes runs possible: whoever
 * holds a block holds all blocks before it, so in one node the inactive blocks always lie behind
 * the active ones, and deeper runs are older. A property test holds it equal to the naive pool.
 *
 *     capacity = free + inactive + active
 */
export class ExtentPool {
  readonly capacity: number;
  readonly events: ExtentEventLog = new ExtentEventLog();
  #free: number;
  #inactive = 0;
  readonly #forest: PromptForest;
  readonly #holders: HolderTable;
  readonly #residencies = new ResidencyTable();
  readonly #runs = new RunList();
  readonly #duplicates = new DuplicateTable();
  readonly #steps = new PathSteps();
  readonly #eviction: ExtentEviction;
  /** Absent where the oldest run goes first. */
  readonly #order: ScoredOrder | undefined;
  /** There where a run is as old as its last touch, not as its release. */
  readonly #touches: TouchOrder | undefined;

  /**
   * Evicts first what was let go longest ago; with an `order` what is worth least by that score, or
   * what was touched longest ago.
   */
  constructor(
    capacity: number,
    forest: PromptForest,
    holders: HolderTable,
    order?: EvictionScore | 'last-touch',
  ) {
    assert(Number.isInteger(capacity) && capacity > 0, `bad capacity of ${capacity} blocks`);
    this.capacity = capacity;
    this.#free = capacity;
    this.#forest = forest;
    this.#holders = holders;
    if (order === 'last-touch') {
      this.#touches = new TouchOrder(forest, this.#residencies);
    } else if (order !== undefined) {
      this.#order = new ScoredOrder(order, forest, this.#residencies, this.#runs, this.#duplicates);
    }
    this.#eviction = new ExtentEviction({
      order: this.#order,
      touches: this.#touches,
      forest,
      holders,
      residencies: this.#residencies,
      runs: this.#runs,
      duplicates: this.#duplicates,
      events: this.events,
    });
  }

  /** Blocks that hold nothing. */
  get free(): number {
    return this.#free;
  }

  /** Blocks that can be hit and are in nobody's use. */
  get inactive(): number {
    return this.#inactive;
  }

  /** Blocks in use. */
  get active(): number {
    return this.capacity - this.#free - this.#inactive;
  }

  /** Blocks that an allocation can get: free ones and, by eviction, inactive ones. */
  get available(): number {
    return this.#free + this.#inactive;
  }

  /** Leading blocks of the request's path that can be hit, at most `cap`. */
  match(request: number, cap: number): number {
    const holders = this.#holders;
    const steps = this.#steps;
    steps.load(this.#forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    let hits = 0;
    for (let step = 0; step < steps.count && hits < cap; step++) {
      const row = this.#residencies.find(steps.node[step]!);
      const resident = row < 0 ? 0 : this.#residencies.resident[row]!;
      const wanted = steps.blocks[step]!;
      hits += Math.min(resident, wanted);
      if (resident < wanted) break;
    }
    return Math.min(hits, cap);
  }

  /** How many of the request's first `blocks` blocks, all of which can be hit, nobody holds. */
  inactiveAmong(request: number, blocks: number): number {
    const holders = this.#holders;
    const steps = this.#steps;
    steps.load(this.#forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    let left = blocks;
    let inactive = 0;
    for (let step = 0; left > 0; step++) {
      const used = Math.min(left, steps.blocks[step]!);
      const active = this.#residencies.active(this.#residencies.find(steps.node[step]!));
      inactive += Math.max(0, used - active);
      left -= used;
    }
    return inactive;
  }

  /**
   * The request takes hold of its first `blocks` blocks, all of which can be hit. Times matter only
   * where the last touch does; they rise from call to call.
   */
  hold(request: number, blocks: number, time = 0): void {
    const holders = this.#holders;
    const steps = this.#steps;
    assert(holders.held[request] === 0, 'the request holds blocks already');
    steps.load(this.#forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    const touched = this.#touches?.matched(steps, blocks) ?? 0;
    let left = blocks;
    for (let step = 0; left > 0; step++) {
      const used = Math.min(left, steps.blocks[step]!);
      const row = this.#residencies.find(steps.node[step]!);
      this.#revive(row, used);
      this.#order?.hit(row);
      this.#touches?.touch(row, Math.min(used, touched - (blocks - left)), time);
      this.#residencies.addHold(row, used);
      left -= used;
    }
    holders.held[request] = blocks;
  }

  /**
   * Takes `blocks` blocks that have no content yet, evicting the oldest inactive ones when too few
   * are free. False, and nothing changes, when there are not enough.
   */
  allocate(blocks: number): boolean {
    if (blocks > this.available) return false;
    const missing = blocks - this.#free;
    if (missing > 0) {
      this.#eviction.evict(missing);
      this.#inactive -= missing;
      this.#free += missing;
    }
    this.#free -= blocks;
    return true;
  }

  /** Evicts every block that can be hit and that nobody uses. */
  evictAll(): void {
    this.#eviction.evict(this.#inactive);
    this.#free += this.#inactive;
    this.#inactive = 0;
  }

  /**
   * The request's path is computed up to its first `blocks` blocks; the ones that it did not hold
   * before lay in blocks that it had allocated, and can be hit from now on.
   */
  commit(request: number, blocks: number): void {
    const holders = this.#holders;
    const held = holders.held[request]!;
    if (blocks <= held || holders.duplicate[request]! >= 0) return;
    const steps = this.#steps;
    steps.load(this.#forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    let before = 0;
    for (let step = 0; step < steps.count && before < blocks; step++) {
      const used = Math.min(blocks - before, steps.blocks[step]!);
      const heldHere = Math.min(Math.max(held - before, 0), used);
      if (used > heldHere) this.#commitNode(request, steps.node[step]!, heldHere, used);
      before += steps.blocks[step]!;
    }
  }

  /**
   * The same, but of blocks that others have computed already the request takes theirs, and its own
   * copies are free again. That this touches them is told when the request lets go.
   */
  adopt(request: number, blocks: number): void {
    const holders = this.#holders;
    const held = holders.held[request]!;
    if (blocks <= held) return;
    const steps = this.#steps;
    steps.load(this.#forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    this.#touches?.inserting(steps, held, blocks);
    let before = 0;
    for (let step = 0; step < steps.count && before < blocks; step++) {
      const used = Math.min(blocks - before, steps.blocks[step]!);
      const heldHere = Math.min(Math.max(held - before, 0), used);
      if (used > heldHere) this.#adoptNode(steps.node[step]!, heldHere, used);
      before += steps.blocks[step]!;
    }
    holders.held[request] = blocks;
  }

  /**
   * The request lets go of everything, the last block first. It owned `owned` blocks, of which the
   * first `full` hold whole blocks of computed tokens. Generated tokens on its path can be hit from
   * now on; those beyond it stay as a private node. Returns that node, or −1; the request may come
   * back through it. `touched`: when it inserted blocks last, 0 = never since it holds any.
   */
  release(request: number, owned: number, full: number, touched = 0): number {
    const holders = this.#holders;
    const duplicate = holders.duplicate[request]!;
    this.#order?.releasing();
    const visible = holders.held[request]! + (duplicate >= 0 ? 1 : 0);
    const generated = Math.max(0, full - holders.pathBlocks[request]!);
    const answered = Math.max(0, Math.min(full, holders.pathBlocks[request]!) - visible);
    this.#free += owned - visible - answered - generated;
    if (generated + answered > 0) this.#insertGenerated(request, visible, full);
    const own = generated > 0 ? this.#keepGenerated(request, generated, touched) : -1;
    if (answered > 0) this.#keepAnswer(request, visible, visible + answered, touched);
    if (duplicate >= 0) this.#releaseDuplicate(duplicate);
    holders.duplicate[request] = -1;
    this.#releasePath(request, touched);
    return own;
  }

  #insertGenerated(request: number, held: number, blocks: number): void {
    if (this.#touches === undefined) return;
    const { leaf, leafBlocks } = this.#holders;
    this.#steps.load(this.#forest, leaf[request]!, leafBlocks[request]!);
    this.#touches.inserting(this.#steps, held, blocks);
  }

  #open(node: number): number {
    const row = this.#residencies.open(node);
    this.#forest.retain(node);
    this.#order?.opened(row);
    this.#touches?.opened(row);
    return row;
  }

  #commitNode(request: number, node: number, held: number, used: number): void {
    const residencies = this.#residencies;
    let row = residencies.find(node);
    if (row < 0) row = this.#open(node);
    const resident = residencies.resident[row]!;
    if (resident > held) {
      assert(resident >= used && used === held + 1, 'only the last block can be a second copy');
      const head = residencies.duplicates[row]!;
      const duplicate = this.#duplicates.open(row, held, request, head);
      if (head < 0) residencies.duplicates[row] = duplicate;
      this.#holders.duplicate[request] = duplicate;
      this.#order?.settleBottom(row);
      return;
    }
    residencies.resident[row] = used;
    if (held > 0) residencies.removeHold(row, held);
    residencies.addHold(row, used);
    this.#holders.held[request]! += used - held;
    if (!this.#forest.isPrivate(node)) this.events.push(ExtentEvent.stored, node, used);
  }

  #adoptNode(node: number, held: number, used: number): void {
    const residencies = this.#residencies;
    let row = residencies.find(node);
    if (row < 0) row = this.#open(node);
    const known = Math.min(residencies.resident[row]!, used);
    if (known > held) {
      this.#revive(row, known);
      this.#free += known - held;
    }
    if (held > 0) residencies.removeHold(row, held);
    residencies.addHold(row, used);
    if (used === known) return;
    residencies.resident[row] = used;
    if (!this.#forest.isPrivate(node)) this.events.push(ExtentEvent.stored, node, used);
  }

  /** Generated blocks become a node below the request's path, inactive at once. */
  #keepGenerated(request: number, generated: number, touched: number): number {
    const holders = this.#holders;
    const leaf = holders.leaf[request]!;
    const leafBlocks = holders.leafBlocks[request]!;
    const node = this.#forest.plantPrivate(leaf, leafBlocks, generated);
    const row = this.#open(node);
    this.#residencies.resident[row] = generated;
    this.#pushRun(row, 0, generated, touched);
    return node;
  }

  /**
   * Blocks [from, to) of the request's path, generated ones, can be hit and are inactive at once. Of
   * those that an earlier attempt of the same request has left there, the new copies are free again.
   */
  #keepAnswer(request: number, from: number, to: number, touched: number): void {
    const { leaf, leafBlocks, pathBlocks } = this.#holders;
    const residencies = this.#residencies;
    const steps = this.#steps;
    steps.load(this.#forest, leaf[request]!, leafBlocks[request]!);
    let before = 0;
    for (let step = 0; step < steps.count && before < to; step++) {
      const node = steps.node[step]!;
      const used = Math.min(to - before, steps.blocks[step]!);
      before += steps.blocks[step]!;
      if (before <= from) continue;
      let row = residencies.find(node);
      if (row < 0) row = this.#open(node);
      const first = Math.max(0, from - before + steps.blocks[step]!);
      const known = Math.min(residencies.resident[row]!, used);
      if (known > first) {
        this.#free += known - first;
        this.#revive(row, known);
      }
      if (known === used) continue;
      residencies.resident[row] = used;
      this.events.push(ExtentEvent.stored, node, used);
    }
    before = pathBlocks[request]!;
    for (let step = steps.count - 1; step >= 0 && before > from; step--) {
      before -= steps.blocks[step]!;
      const used = Math.min(to - before, steps.blocks[step]!);
      if (used > 0) this.#pushAnswer(steps.node[step]!, Math.max(0, from - before), used, touched);
    }
  }

  /** Blocks [from, to) of a node, as far as nobody holds them, become inactive. */
  #pushAnswer(node: number, from: number, to: number, touched: number): void {
    const row = this.#residencies.find(node);
    const top = this.#residencies.topRun[row]!;
    // A second copy of the block before is the request's: the first one is inactive already.
    const precedes = top >= 0 && this.#runs.from[top]! < from;
    const first = precedes ? from : this.#residencies.active(row);
    if (first >= to) return;
    if (this.#touches === undefined) {
      this.#pushRun(row, first, to, touched);
      return;
    }
    this.#touches.touch(row, to, touched);
    this.#pushByTouch(row, first, to);
  }

  #releaseDuplicate(duplicate: number): void {
    const duplicates = this.#duplicates;
    const index = duplicates.index[duplicate]!;
    const run = this.#runs.append(duplicates.residency[duplicate]!, index, index + 1);
    this.#runs.duplicate[run] = duplicate;
    duplicates.run[duplicate] = run;
    duplicates.holder[duplicate] = -1;
    this.#order?.pushed(run);
    this.#inactive++;
  }

  #releasePath(request: number, touched: number): void {
    const holders = this.#holders;
    const steps = this.#steps;
    const residencies = this.#residencies;
    steps.load(this.#forest, holders.leaf[request]!, holders.leafBlocks[request]!);
    let before = holders.pathBlocks[request]!;
    const held = holders.held[request]!;
    for (let step = steps.count - 1; step >= 0; step--) {
      before -= steps.blocks[step]!;
      const used = Math.min(steps.blocks[step]!, held - before);
      if (used <= 0) continue;
      const row = residencies.find(steps.node[step]!);
      residencies.removeHold(row, used);
      const active = residencies.active(row);
      if (this.#touches !== undefined) {
        this.#touches.touch(row, used, touched);
        this.#pushByTouch(row, active, used);
      } else if (active < used) this.#pushRun(row, active, used, 0);
    }
    holders.held[request] = 0;
  }

  /** Blocks [from, to) of a residency become inactive, a run for each time at which they were touched. */
  #pushByTouch(row: number, from: number, to: number): void {
    const touches = this.#touches!;
    let end = to;
    while (end > from) {
      const later = Math.max(from, touches.laterWithin(row, end));
      this.#pushRun(row, later, end, touches.timeOf(row, end));
      end = later;
    }
    if (to > from) touches.cut(row, from);
  }

  /** Blocks [from, to) of a residency become inactive, as the newest run or, by touch, as old as that. */
  #pushRun(row: number, from: number, to: number, touched: number): void {
    const runs = this.#runs;
    const byTouch = this.#touches !== undefined;
    const run = byTouch ? runs.insert(row, from, to, touched) : runs.append(row, from, to);
    const top = this.#residencies.topRun[row]!;
    runs.deeper[run] = top;
    if (top >= 0) runs.shallower[top] = run;
    this.#residencies.topRun[row] = run;
    this.#order?.pushed(run);
    this.#inactive += to - from;
  }

  /** The inactive blocks among the first `blocks` of a residency are in use again. */
  #revive(row: number, blocks: number): void {
    const runs = this.#runs;
    let run = this.#residencies.topRun[row]!;
    while (run >= 0 && runs.from[run]! < blocks) {
      const to = runs.to[run]!;
      this.#touches?.touch(row, Math.min(blocks, to), runs.age[run]!);
      this.#inactive -= Math.min(blocks, to) - runs.from[run]!;
      if (to > blocks) {
        runs.from[run] = blocks;
        break;
      }
      const deeper = runs.deeper[run]!;
      this.#order?.gone(run);
      runs.remove(run);
      if (deeper >= 0) runs.shallower[deeper] = -1;
      run = deeper;
    }
    this.#residencies.topRun[row] = run;
  }
}
