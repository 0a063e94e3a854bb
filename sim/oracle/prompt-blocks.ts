import { growColumn } from '#core/base/columns.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { TraceBatch } from '#traces/batch.ts';
import { BlockIds } from '../workload/block-ids.ts';

/**
 * The full engine blocks of every prompt of a trace, by dense ids: equal ids, equal content up to and
 * with that block. A prompt whose content the trace does not give has blocks that nobody shares.
 *
 *     blocks[start[row] … start[row + 1])   the blocks of a row, in order
 */
export class PromptBlocks {
  rows = 0;
  /** Different blocks. */
  distinct = 0;
  start: Float64Array<ArrayBuffer> = new Float64Array(1_024);
  blocks: Int32Array<ArrayBuffer> = new Int32Array(4_096);
  readonly #ids: BlockIds;
  readonly #blockSize: number;
  readonly #known = new PairMap();

  constructor(blockSize: number, traceBlockSize: number) {
    this.#ids = new BlockIds(blockSize, traceBlockSize);
    this.#blockSize = blockSize;
  }

  /** Blocks of all prompts. */
  get total(): number {
    return this.start[this.rows]!;
  }

  /** Appends the rows of a batch. */
  append(batch: TraceBatch, hasContent: boolean): void {
    for (let row = 0; row < batch.count; row++) {
      const count = Math.floor(batch.inputTokens[row]! / this.#blockSize);
      const from = this.total;
      this.start = growColumn(this.start, this.rows + 2);
      this.blocks = growColumn(this.blocks, from + count);
      if (hasContent) this.#nameBlocks(batch, row, from, count);
      else for (let block = 0; block < count; block++) this.blocks[from + block] = this.distinct++;
      this.start[++this.rows] = from + count;
    }
  }

  #nameBlocks(batch: TraceBatch, row: number, from: number, count: number): void {
    const ids = this.#ids;
    ids.convert(batch.hashIds, batch.hashStart[row]!, count);
    let before = -1;
    for (let block = 0; block < count; block++) {
      const unit = Math.floor(block / ids.unitBlocks);
      before = this.#blockOf(before, ids.names[ids.from + unit]!);
      this.blocks[from + block] = before;
    }
  }

  /** The block of this name behind another block, −1 = at the beginning. */
  #blockOf(before: number, name: number): number {
    const known = this.#known.get(before + 1, name);
    if (known >= 0) return known;
    this.#known.set(before + 1, name, this.distinct);
    return this.distinct++;
  }
}
