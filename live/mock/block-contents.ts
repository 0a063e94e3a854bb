import { RowAllocator } from '#core/base/columns.ts';
import { blockHashes, type CacheSalt, sequenceHashes } from '#core/tokens/block-hash.ts';

/** What a block holds, as its KV events tell of it. */
export interface BlockContent {
  /** Names the block and everything before it: Dynamo's rule, see `core/tokens/block-hash.ts`. */
  readonly sequenceHash: bigint;
  readonly tokens: Uint32Array;
  readonly salt: CacheSalt;
  /** The first of its prompt. */
  readonly isFirst: boolean;
}

/** Names the blocks of an engine by small numbers, as long as the engine knows them. */
export class BlockContents {
  readonly #blockSize: number;
  readonly #ids = new Map<bigint, number>();
  readonly #contents: (BlockContent | undefined)[] = [];
  readonly #rows = new RowAllocator();

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  /** Blocks that have a name. */
  get count(): number {
    return this.#ids.size;
  }

  /** Names of the whole blocks of a sequence of tokens. */
  idsOf(tokens: Uint32Array, salt: CacheSalt): Uint32Array {
    const hashes = sequenceHashes(blockHashes(tokens, this.#blockSize, salt));
    return Uint32Array.from(hashes, (hash, block) => {
      const known = this.#ids.get(hash);
      if (known !== undefined) return known;
      const from = block * this.#blockSize;
      return this.#name({
        sequenceHash: hash,
        tokens: tokens.slice(from, from + this.#blockSize),
        salt,
        isFirst: block === 0,
      });
    });
  }

  /** What a block with a name holds. */
  of(id: number): BlockContent {
    return this.#contents[id]!;
  }

  /** The engine knows no such block any more. */
  forget(id: number): void {
    this.#ids.delete(this.of(id).sequenceHash);
    this.#contents[id] = undefined;
    this.#rows.give(id);
  }

  #name(content: BlockContent): number {
    const id = this.#rows.take();
    this.#ids.set(content.sequenceHash, id);
    this.#contents[id] = content;
    return id;
  }
}
