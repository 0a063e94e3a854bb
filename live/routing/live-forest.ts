import type { RecordedForest } from '#core/journal/note-writer.ts';
import { chainInto } from '#core/tokens/block-hash.ts';
import { HashForest } from '#core/tokens/hash-forest.ts';
import { setBigInt, type U64 } from '#core/tokens/u64.ts';

/** Parent of no node: a block that is not known yet has none below it. */
const NOBODY = -2;

/**
 * The prompts that are alive, and how a journal names their blocks: by 32 bits of a hash of the
 * block's sequence hash and a secret of this process. Equal beginnings have equal names, also when
 * one comes again after the forest has forgotten it, and nobody who holds the journal can tell
 * whether a text that he guesses was among its prompts.
 */
export class LiveForest extends HashForest implements RecordedForest {
  /** A node is one block, and one name stands for it. */
  readonly unitBlocks = 1;
  /** The name of the node that `contentAt` was asked about last. */
  readonly contentIds = new Uint32Array(1);
  readonly #secret: U64 = { low: 0, high: 0 };
  readonly #name: U64 = { low: 0, high: 0 };

  /** `secret`: 64 random bits; `onFree` as for any forest. */
  constructor(secret: bigint, onFree: (node: number) => void) {
    super(onFree);
    setBigInt(this.#secret, secret);
  }

  /**
   * How many of the sequence hashes, from the first on, could be one prompt: none comes twice, and none
   * is known here behind another block than the one before it.
   */
  leadingInOrder(hashes: readonly bigint[]): number {
    const seen = new Set<bigint>();
    let before = -1;
    for (const [at, hash] of hashes.entries()) {
      const node = this.find(hash);
      if (seen.has(hash) || (node >= 0 && this.parent[node] !== before)) return at;
      seen.add(hash);
      before = node >= 0 ? node : NOBODY;
    }
    return hashes.length;
  }

  contentAt(node: number): number {
    const name = this.#name;
    name.low = this.#secret.low;
    name.high = this.#secret.high;
    chainInto(name, this.hashes.low[node]!, this.hashes.high[node]!);
    this.contentIds[0] = name.low;
    return 0;
  }

  contentUnits(_node: number): number {
    return 1;
  }
}
