import { assert } from '#core/base/assert.ts';
import type { PromptForest } from '#core/tokens/prompt-forest.ts';
import type { DuplicateTable } from './duplicate-table.ts';
import { ExtentEvent, type ExtentEventLog } from './event-log.ts';
import { ExtentEviction } from './extent-eviction.ts';
import { type ExtentTables, openResidency, openTables } from './extent-tables.ts';
import { GeneratedBlocks } from './generated-blocks.ts';
import type { HolderTable } from './holder-table.ts';
import { InactiveRuns } from './inactive-runs.ts';
import type { EvictionScore } from './order/eviction-score.ts';
import type { ScoredOrder } from './order/scored-order.ts';
import type { TouchOrder } from './order/touch-order.ts';
import { PathSteps } from './path.ts';
import type { ResidencyTable } from './residency-table.ts';

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
  readonly events: ExtentEventLog;
  #free: number;
  readonly #forest: PromptForest;
  readonly #holders: HolderTable;
  readonly #residencies: ResidencyTable;
  readonly #duplicates: DuplicateTable;
  readonly #steps = new PathSteps();
  readonly #tables: ExtentTables;
  readonly #inactive: InactiveRuns;
  readonly #generated: GeneratedBlocks;
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
    this.#tables = openTables(forest, holders, order);
    this.#forest = forest;
    this.#holders = holders;
    this.#residencies = this.#tables.residencies;
    this.#duplicates = this.#tables.duplicates;
    this.#order = this.#tables.order;
    this.#touches = this.#tables.touches;
    this.events = this.#tables.events;
    this.#inactive = new InactiveRuns(this.#tables);
    this.#generated = new GeneratedBlocks(this.#tables, this.#inactive);
    this.#eviction = new ExtentEviction(this.#tables);
  }

  /** Blocks that hold nothing. */
  get free(): number {
    return this.#free;
  }

  /** Blocks that can be hit and are in nobody's use. */
  get inactive(): number {
    return this.#inactive.blocks;
  }

  /** Blocks in use. */
  get active(): number {
    return this.capacity - this.#free - this.#inactive.blocks;
  }

  /** Blocks that an allocation can get: free ones and, by eviction, inactive ones. */
  get available(): number {
    return this.#free + this.#inactive.blocks;
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
      this.#inactive.revive(row, used);
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
      this.#inactive.blocks -= missing;
      this.#free += missing;
    }
    this.#free -= blocks;
    return true;
  }

  /** Evicts every block that can be hit and that nobody uses. */
  evictAll(): void {
    const { blocks } = this.#inactive;
    this.#eviction.evict(blocks);
    this.#free += blocks;
    this.#inactive.blocks = 0;
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
    if (generated + answered > 0) this.#generated.inserting(request, visible, full);
    const own = generated > 0 ? this.#generated.keepBeyond(request, generated, touched) : -1;
    if (answered > 0) {
      const end = visible + answered;
      this.#free += this.#generated.keepOnPath(request, visible, end, touched);
    }
    if (duplicate >= 0) this.#inactive.pushDuplicate(duplicate);
    holders.duplicate[request] = -1;
    this.#releasePath(request, touched);
    return own;
  }

  #commitNode(request: number, node: number, held: number, used: number): void {
    const residencies = this.#residencies;
    let row = residencies.find(node);
    if (row < 0) row = openResidency(this.#tables, node);
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
    if (row < 0) row = openResidency(this.#tables, node);
    const known = Math.min(residencies.resident[row]!, used);
    if (known > held) {
      this.#inactive.revive(row, known);
      this.#free += known - held;
    }
    if (held > 0) residencies.removeHold(row, held);
    residencies.addHold(row, used);
    if (used === known) return;
    residencies.resident[row] = used;
    if (!this.#forest.isPrivate(node)) this.events.push(ExtentEvent.stored, node, used);
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
        this.#inactive.pushByTouch(row, active, used);
      } else if (active < used) this.#inactive.push(row, active, used, 0);
    }
    holders.held[request] = 0;
  }
}
