import { RowAllocator } from '#core/base/columns.ts';

/** Names for the contents of blocks, as an engine takes them; given again when it forgets them. */
export class ContentNames {
  readonly #byHash = new Map<bigint, number>();
  readonly #hashes: (bigint | undefined)[] = [];
  readonly #rows = new RowAllocator();

  /** Contents that something in the engine bears. */
  get count(): number {
    return this.#rows.used;
  }

  /** Names of blocks by their sequence hashes; those of unknown content get names that nobody else has. */
  namesOf(hashes: ArrayLike<bigint>, blocks: number): Uint32Array {
    const names = new Uint32Array(blocks);
    for (let block = 0; block < blocks; block++) names[block] = this.#nameOf(hashes[block]);
    return names;
  }

  /** The name may stand for another content from now on. */
  forget(name: number): void {
    const hash = this.#hashes[name];
    if (hash !== undefined) this.#byHash.delete(hash);
    this.#hashes[name] = undefined;
    this.#rows.give(name);
  }

  #nameOf(hash: bigint | undefined): number {
    const known = hash === undefined ? undefined : this.#byHash.get(hash);
    if (known !== undefined) return known;
    const name = this.#rows.take();
    this.#hashes[name] = hash;
    if (hash !== undefined) this.#byHash.set(hash, name);
    return name;
  }
}
