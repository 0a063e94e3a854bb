import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';

/**
 * Every time that the request at the head of a worker's queue had to wait for KV blocks, which holds
 * up all behind it. Written when the wait is over.
 *
 *     row[i]              the request
 *     fromNs[i], toNs[i]  the pass that first had no room for it, the pass that let it in
 *     freeBlocks[i]       fewest blocks that were to be had at any pass in between
 */
export class HeadWaitLog {
  count = 0;
  row = new Int32Array(16);
  fromNs = new Float64Array(16);
  toNs = new Float64Array(16);
  freeBlocks = new Int32Array(16);

  append(row: number, fromNs: Ns, toNs: Ns, freeBlocks: number): void {
    const entry = this.count++;
    if (entry >= this.row.length) {
      this.row = growColumn(this.row, entry + 1);
      this.fromNs = growColumn(this.fromNs, entry + 1);
      this.toNs = growColumn(this.toNs, entry + 1);
      this.freeBlocks = growColumn(this.freeBlocks, entry + 1);
    }
    this.row[entry] = row;
    this.fromNs[entry] = fromNs;
    this.toNs[entry] = toNs;
    this.freeBlocks[entry] = freeBlocks;
  }
}
