import { OwnershipIndex } from '#core/router/index/ownership.ts';
import { PrefixMatch } from '#core/router/index/prefix-match.ts';
import { PromptPath } from '#core/router/index/prompt-path.ts';
import { type TierHits, TierIndex } from '#core/router/index/tiers/tier-index.ts';
import { blockHashes, sequenceHashes } from '#core/tokens/block-hash.ts';
import { HashForest } from '#core/tokens/hash-forest.ts';
import type { BlockFacts } from '#live/events/block-facts.ts';

/** The router's own index of who holds what, without the router: what events say can be looked up. */
export class IndexFacts implements BlockFacts {
  readonly forest: HashForest;
  readonly index = new OwnershipIndex();
  readonly tiers = new TierIndex();
  readonly #path = new PromptPath();
  readonly #match = new PrefixMatch();

  constructor() {
    this.forest = new HashForest((node) => {
      this.index.freeNode(node);
      this.tiers.freeNode(node);
    });
  }

  plant(parent: number, localHash: bigint): number {
    return this.forest.child(parent, localHash);
  }

  release(node: number): void {
    this.forest.release(node);
  }

  stored(target: number, node: number): void {
    this.index.stored(target, node, 1);
  }

  removed(target: number, node: number): void {
    this.index.removed(target, node, 0);
  }

  cleared(target: number): void {
    this.index.cleared(target);
  }

  tierStored(tier: number, target: number, node: number): void {
    this.tiers.stored(tier, target, node, 0, 1);
  }

  tierRemoved(tier: number, target: number, node: number): void {
    this.tiers.removed(tier, target, node, 0, 1);
  }

  tierCleared(tier: number, target: number): void {
    this.tiers.cleared(tier, target);
  }

  setAvailable(): void {}

  /** Leading blocks of a prompt that the target holds in device memory. */
  overlap(
    target: number,
    tokens: readonly number[],
    blockSize: number,
    salt: { readonly loraName?: string; readonly cacheNamespace?: string } = {},
  ): number {
    if (!this.#fill(tokens, blockSize, salt)) return 0;
    this.index.match(this.#path, this.#match);
    this.#match.reserve(target + 1);
    return this.#match.blocksOf(target);
  }

  /** What the target would find of the prompt below its device memory. */
  below(target: number, tokens: readonly number[], blockSize: number): TierHits {
    const hits: TierHits = { host: 0, disk: 0, shared: 0 };
    const device = this.overlap(target, tokens, blockSize);
    if (this.#fill(tokens, blockSize, {})) this.tiers.match(this.#path, target, device, hits);
    return hits;
  }

  /** The path of the prompt as far as it is planted; false when it is not. */
  #fill(tokens: readonly number[], blockSize: number, salt: object): boolean {
    const hashes = sequenceHashes(blockHashes(tokens, blockSize, salt));
    let leaf = -1;
    for (const hash of hashes) {
      const node = this.forest.find(hash);
      if (node < 0) break;
      leaf = node;
    }
    this.#path.fill(this.forest, leaf, 1);
    return leaf >= 0;
  }
}
