import { setBigInt, toBigInt, type U64 } from '#core/tokens/u64.ts';
import { xxh3Into } from '#core/tokens/xxh3.ts';

/**
 * Hashes blocks one by one as `blockHashes` of core/tokens/block-hash.ts does, without allocating
 * but for the result: tokens as unsigned 32-bit little-endian numbers, the sorted hashes of what
 * else is in the block behind them, under the salted seed.
 */
export class LocalHasher {
  #view = new DataView(new ArrayBuffer(4 * 129));
  readonly #seed: U64 = { low: 0, high: 0 };
  readonly #hash: U64 = { low: 0, high: 0 };

  set seed(seed: bigint) {
    setBigInt(this.#seed, seed);
  }

  /** The hash of tokens[from … from + count) and of `others`. */
  hash(
    tokens: readonly number[],
    from: number,
    count: number,
    others: readonly bigint[] | undefined,
  ): bigint {
    const extra = others?.length ?? 0;
    const length = 4 * count + 8 * extra;
    if (length > this.#view.byteLength) this.#view = new DataView(new ArrayBuffer(2 * length));
    const view = this.#view;
    for (let at = 0; at < count; at++) view.setUint32(4 * at, tokens[from + at]!, true);
    if (extra > 0) writeSorted(view, 4 * count, others!);
    xxh3Into(this.#hash, view, 0, length, this.#seed);
    return toBigInt(this.#hash);
  }
}

function writeSorted(view: DataView, offset: number, hashes: readonly bigint[]): void {
  const sorted = BigUint64Array.from(hashes).sort();
  for (let at = 0; at < sorted.length; at++) view.setBigUint64(offset + 8 * at, sorted[at]!, true);
}
