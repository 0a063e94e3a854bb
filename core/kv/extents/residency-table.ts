import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';
import { LengthCounts } from './length-counts.ts';

/**
 * Which blocks of which node lie on one worker, and how many of them are in use.
 *
 *     node      ██████████▒▒▒▒▒▒░░░░░░
 *               active ──┘     │     └ length of the node
 *               resident ──────┘      blocks [active, resident) are inactive runs
 *
 *     node[row]       node of the forest
 *     resident[row]   leading blocks that can be hit
 *     topRun[row]     shallowest inactive run, −1 = none; deeper ones follow, each older
 *     duplicates[row] first duplicate copy of one of its blocks, −1 = none
 *     #holds          which requests hold how many of its leading blocks
 */
export class ResidencyTable {
  node = new Int32Array(16);
  resident = new Int32Array(16);
  topRun = new Int32Array(16);
  duplicates = new Int32Array(16);
  readonly #holds = new LengthCounts();
  readonly #rows = new RowAllocator();
  readonly #rowOfNode = new PairMap();

  /** The row of a node, or −1. */
  find(node: number): number {
    return this.#rowOfNode.get(node, 0);
  }

  /** A row for a node that has none: nothing resident, nobody holds it. */
  open(node: number): number {
    const row = this.#rows.take();
    if (row >= this.node.length) this.#grow(row + 1);
    this.node[row] = node;
    this.resident[row] = 0;
    this.topRun[row] = -1;
    this.duplicates[row] = -1;
    this.#rowOfNode.set(node, 0, row);
    return row;
  }

  close(row: number): void {
    assert(this.active(row) === 0 && this.topRun[row] === -1, 'closed a residency in use');
    this.#rowOfNode.delete(this.node[row]!, 0);
    this.#rows.give(row);
  }

  /** Leading blocks that somebody holds. */
  active(row: number): number {
    return this.#holds.longest(row);
  }

  /** Requests that hold exactly the first `length` blocks. */
  holders(row: number, length: number): number {
    return this.#holds.users(row, length);
  }

  /** Adds a request that holds the first `length` blocks. */
  addHold(row: number, length: number): void {
    this.#holds.add(row, length);
  }

  /** Removes one request that holds the first `length` blocks. */
  removeHold(row: number, length: number): void {
    this.#holds.remove(row, length);
  }

  #grow(rows: number): void {
    this.node = growColumn(this.node, rows);
    this.resident = growColumn(this.resident, rows);
    this.topRun = growColumn(this.topRun, rows);
    this.duplicates = growColumn(this.duplicates, rows);
    this.#holds.reserve(rows);
  }
}
