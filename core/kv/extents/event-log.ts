import { growColumn } from '#core/base/columns.ts';

/** What an entry of the log says about a node of the forest. */
export const ExtentEvent = {
  /** The first `blocks` blocks of the node can now be hit. */
  stored: 0,
  /** Only the first `blocks` blocks of the node can still be hit. */
  removed: 1,
} as const;

/**
 * KV events of one worker in the order in which its blocks changed, kept until the pass ends, since
 * that is when a real engine publishes them.
 *
 *     kind[i]     ExtentEvent
 *     node[i]     node of the forest
 *     blocks[i]   see ExtentEvent
 *
 * An entry `removed` with 0 blocks carries the residency's hold on the node: whoever drains the log
 * releases the node afterwards, so that its id is not reused while the event is under way.
 */
export class ExtentEventLog {
  count = 0;
  kind = new Uint8Array(32);
  node = new Int32Array(32);
  blocks = new Int32Array(32);

  /** Appends an entry; neighbours of the same kind and node become one. */
  push(kind: number, node: number, blocks: number): void {
    const last = this.count - 1;
    if (last >= 0 && this.node[last] === node && this.kind[last] === kind) {
      this.blocks[last] = blocks;
      return;
    }
    const entry = this.count++;
    if (entry >= this.kind.length) {
      this.kind = growColumn(this.kind, entry + 1);
      this.node = growColumn(this.node, entry + 1);
      this.blocks = growColumn(this.blocks, entry + 1);
    }
    this.kind[entry] = kind;
    this.node[entry] = node;
    this.blocks[entry] = blocks;
  }

  clear(): void {
    this.count = 0;
  }
}
