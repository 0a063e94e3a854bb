import { RowAllocator } from '#core/base/columns.ts';

/** Names for the contents of blocks, as an engine takes them; given again when it forgets them. */
export class ContentNames {
  readonly #byHash = new Map<bigint, number>();
  /** By name: the hash, null = unknown content; undefined = nobody bears the name. */
  readonly #hashes: (bigint | null | undefined)[] = [];
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
    // Of a hash that two places of a prompt bear, an engine forgets two blocks.
    if (hash === undefined) return;
    if (hash !== null) this.#byHash.delete(hash);
    this.#hashes[name] = undefined;
    this.#rows.give(name);
  }

  #nameOf(hash: bigint | undefined): number {
    const known = hash === undefined ? undefined : this.#byHash.get(hash);
    if (known !== undefined) return known;
    const name = this.#rows.take();
    this.#hashes[name] = hash ?? null;
    if (hash !== undefined) this.#byHash.set(hash, name);
    return name;
  }
}
