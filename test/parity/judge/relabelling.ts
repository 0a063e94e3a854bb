/** Which worker of ours plays the part of which worker of the peer: one to one, by first appearance. */
export class Relabelling {
  readonly #oursOf = new Map<number, number>();
  readonly #theirsOf = new Map<number, number>();

  /** Whether the pair agrees with all pairs before it. */
  matches(theirs: number, ours: number): boolean {
    const known = this.#oursOf.get(theirs);
    const taken = this.#theirsOf.get(ours);
    if (known === undefined && taken === undefined) {
      this.#oursOf.set(theirs, ours);
      this.#theirsOf.set(ours, theirs);
      return true;
    }
    return known === ours && taken === theirs;
  }
}
