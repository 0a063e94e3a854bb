import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { RememberingIndex } from '../remembering-index.ts';
import type { NodeHolds } from '../routed-index.ts';

/** Moments at which prompts are forgotten are rounded up to these. */
const BUCKET_NS = 100 * NS_PER_MS;
/** All targets share a list, since all prompts live equally long. */
const LIST = 0;

/** Forgets a block when it has not been routed for a fixed time. */
export class TtlIndex extends RememberingIndex {
  readonly #ttlNs: Ns;

  constructor(forest: BlockForest, holds: NodeHolds, ttlNs: Ns) {
    super(forest, holds);
    this.#ttlNs = ttlNs;
  }

  routed(target: number, leaf: number, leafBlocks: number, nowNs: Ns): void {
    const untilNs = Math.ceil((nowNs + this.#ttlNs) / BUCKET_NS) * BUCKET_NS;
    this.prefixes.touch(target, leaf, leafBlocks, LIST, untilNs);
  }

  catchUp(nowNs: Ns): void {
    const prefixes = this.prefixes;
    for (;;) {
      const run = prefixes.oldest(LIST);
      if (run < 0 || prefixes.untilNs(run) > nowNs) return;
      prefixes.forget(run, Number.POSITIVE_INFINITY);
    }
  }

  removeTarget(target: number): void {
    this.prefixes.forgetTarget(target, LIST);
  }
}
