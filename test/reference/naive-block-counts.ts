/** Which blocks are in use on one target, as a count of users for each; all blocks by name. */
export class NaiveBlockCounts {
  readonly #users = new Map<string, number>();
  #alone = 0;

  /** Blocks in use. */
  get total(): number {
    return this.#users.size + this.#alone;
  }

  /** A request comes (by = 1) or goes (by = −1) with its prompt and blocks of its own. */
  use(blocks: readonly string[], alone: number, by: 1 | -1): void {
    this.#alone += alone * by;
    for (const block of blocks) {
      const users = (this.#users.get(block) ?? 0) + by;
      if (users === 0) this.#users.delete(block);
      else this.#users.set(block, users);
    }
  }
}
