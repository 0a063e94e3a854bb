import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';

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
 *     holds[row]      list of (length, requests that hold that many leading blocks), longest first
 */
export class ResidencyTable {
  node = new Int32Array(16);
  resident = new Int32Array(16);
  topRun = new Int32Array(16);
  duplicates = new Int32Array(16);
  #holds = new Int32Array(16);
  readonly #rows = new RowAllocator();
  readonly #rowOfNode = new PairMap();
  readonly #holdRows = new RowAllocator();
  #holdLength = new Int32Array(16);
  #holdRequests = new Int32Array(16);
  #holdNext = new Int32Array(16);

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
    this.#holds[row] = -1;
    this.#rowOfNode.set(node, 0, row);
    return row;
  }

  close(row: number): void {
    assert(this.#holds[row] === -1 && this.topRun[row] === -1, 'closed a residency in use');
    this.#rowOfNode.delete(this.node[row]!, 0);
    this.#rows.give(row);
  }

  /** Leading blocks that somebody holds. */
  active(row: number): number {
    const first = this.#holds[row]!;
    return first < 0 ? 0 : this.#holdLength[first]!;
  }

  /** Adds a request that holds the first `length` blocks. */
  addHold(row: number, length: number): void {
    let before = -1;
    let at = this.#holds[row]!;
    while (at >= 0 && this.#holdLength[at]! > length) {
      before = at;
      at = this.#holdNext[at]!;
    }
    if (at >= 0 && this.#holdLength[at] === length) {
      this.#holdRequests[at]!++;
      return;
    }
    const hold = this.#holdRows.take();
    if (hold >= this.#holdLength.length) {
      this.#holdLength = growColumn(this.#holdLength, hold + 1);
      this.#holdRequests = growColumn(this.#holdRequests, hold + 1);
      this.#holdNext = growColumn(this.#holdNext, hold + 1);
    }
    this.#holdLength[hold] = length;
    this.#holdRequests[hold] = 1;
    this.#holdNext[hold] = at;
    if (before >= 0) this.#holdNext[before] = hold;
    else this.#holds[row] = hold;
  }

  /** Removes one request that holds the first `length` blocks. */
  removeHold(row: number, length: number): void {
    let before = -1;
    let at = this.#holds[row]!;
    while (at >= 0 && this.#holdLength[at] !== length) {
      before = at;
      at = this.#holdNext[at]!;
    }
    assert(at >= 0, 'nobody holds that many blocks of this node');
    if (--this.#holdRequests[at]! > 0) return;
    if (before >= 0) this.#holdNext[before] = this.#holdNext[at]!;
    else this.#holds[row] = this.#holdNext[at]!;
    this.#holdRows.give(at);
  }

  #grow(rows: number): void {
    this.node = growColumn(this.node, rows);
    this.resident = growColumn(this.resident, rows);
    this.topRun = growColumn(this.topRun, rows);
    this.duplicates = growColumn(this.duplicates, rows);
    this.#holds = growColumn(this.#holds, rows);
  }
}
