import { growColumn } from '#core/base/columns.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';

/** The block forest as a journal has told it so far. */
export class JournalForest implements BlockForest {
  parent: Int32Array<ArrayBuffer> = new Int32Array(64);
  attach: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** node → blocks in it, 0 = the journal has not spoken of it. */
  length: Int32Array<ArrayBuffer> = new Int32Array(64);
  /** node → how many nodes had been told with it: a node told again is another. */
  serial: Float64Array<ArrayBuffer> = new Float64Array(64);
  /** node → blocks from the root to its first block. */
  start: Int32Array<ArrayBuffer> = new Int32Array(64);
  #told = 0;

  /** Nodes told so far; an id that was told twice counts twice. */
  get told(): number {
    return this.#told;
  }

  /** Whether the journal has said what the node is. */
  has(node: number): boolean {
    return node < this.length.length && this.length[node]! > 0;
  }

  /** Takes a node; what is wrong with it, or undefined. */
  tell(node: number, parent: number, attach: number, length: number): string | undefined {
    if (node < 0) return 'a node has an id from 0';
    if (length < 1) return 'a node has at least one block';
    if (parent < 0 ? attach !== 0 : !this.has(parent) || attach > this.length[parent]!) {
      return 'the node hangs nowhere';
    }
    for (let above = parent; above >= 0; above = this.parent[above]!) {
      if (above === node) return 'the node hangs below itself';
    }
    if (node >= this.parent.length) this.#grow(node + 1);
    this.parent[node] = parent;
    this.attach[node] = attach;
    this.length[node] = length;
    this.start[node] = parent < 0 ? 0 : this.start[parent]! + attach;
    this.serial[node] = ++this.#told;
    return undefined;
  }

  #grow(rows: number): void {
    this.parent = growColumn(this.parent, rows);
    this.attach = growColumn(this.attach, rows);
    this.length = growColumn(this.length, rows);
    this.start = growColumn(this.start, rows);
    this.serial = growColumn(this.serial, rows);
  }
}
