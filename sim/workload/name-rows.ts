/** Numbers the names of a column in the order in which they come, so that rows can hold integers. */
export class NameRows {
  readonly #names: string[];
  readonly #rows = new Map<string, number>();

  /** @param names grows by each name that is new. */
  constructor(names: string[]) {
    this.#names = names;
  }

  /** The row of a name, −1 for none. */
  of(name: string | undefined): number {
    if (name === undefined) return -1;
    const known = this.#rows.get(name);
    if (known !== undefined) return known;
    const row = this.#names.push(name) - 1;
    this.#rows.set(name, row);
    return row;
  }
}
