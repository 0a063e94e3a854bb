import { growColumn } from '#core/base/columns.ts';

/** A run of block ids that were new together: from `start` on. */
interface Run {
  readonly start: number;
  readonly blocks: number;
}

/** The blocks of a prompt, as runs. */
export interface PromptBlocks {
  readonly runs: readonly Run[];
  readonly blocks: number;
}

/**
 * Block ids for prompts that share prefixes. Ids that are given out together are consecutive, so that
 * a prompt is a short list of runs, however long it is.
 */
export class PromptPaths {
  #next = 0;
  #ids = new Uint32Array(256);

  /** A prompt whose first `shared` blocks are those of `source`, and whose others are new. */
  branch(source: PromptBlocks | undefined, shared: number, blocks: number): PromptBlocks {
    const runs: Run[] = [];
    let left = shared;
    for (const run of source?.runs ?? []) {
      if (left <= 0) break;
      const kept = Math.min(left, run.blocks);
      runs.push({ start: run.start, blocks: kept });
      left -= kept;
    }
    const fresh = blocks - shared;
    if (fresh > 0) runs.push({ start: this.#next, blocks: fresh });
    this.#next += fresh;
    return { runs, blocks };
  }

  /** The ids of a prompt, in a column that the next call overwrites. */
  idsOf({ runs, blocks }: PromptBlocks): Uint32Array {
    this.#ids = growColumn(this.#ids, blocks);
    let at = 0;
    for (const { start, blocks: count } of runs) {
      for (let index = 0; index < count; index++) this.#ids[at++] = start + index;
    }
    return this.#ids.subarray(0, blocks);
  }
}
