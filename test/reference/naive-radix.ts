/**
 * The radix index as one set of paths a target, for histories whose external hashes name paths one
 * to one and whose removals take leaves only; there every structure must agree with it.
 */
export class NaiveRadix {
  readonly #held: Set<string>[];

  constructor(targets: number) {
    this.#held = Array.from({ length: targets }, () => new Set<string>());
  }

  holds(target: number, path: readonly number[]): boolean {
    return path.length === 0 || this.#held[target]!.has(path.join('/'));
  }

  store(target: number, parent: readonly number[], locals: readonly number[]): void {
    for (let count = 1; count <= locals.length; count++) {
      this.#held[target]!.add([...parent, ...locals.slice(0, count)].join('/'));
    }
  }

  isLeaf(target: number, path: readonly number[]): boolean {
    const below = `${path.join('/')}/`;
    return ![...this.#held[target]!].some((held) => held.startsWith(below));
  }

  remove(target: number, path: readonly number[]): void {
    this.#held[target]!.delete(path.join('/'));
  }

  removeTarget(target: number): void {
    this.#held[target]!.clear();
  }

  match(locals: readonly number[]): number[] {
    return this.#held.map((_, target) => {
      let depth = 0;
      while (depth < locals.length && this.holds(target, locals.slice(0, depth + 1))) depth++;
      return depth;
    });
  }
}
