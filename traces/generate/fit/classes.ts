import { type QuantileTable, quantilesOf, shareUpTo } from './quantiles.ts';

/** Prompts are told apart in classes of equal share by length. */
export const LENGTH_CLASSES = 16;
/** Points of a table that only a class has. */
export const CLASS_PARTS = 32;

/** The class of a length in a distribution of lengths. */
export function lengthClass(lengths: QuantileTable, tokens: number): number {
  return Math.min(LENGTH_CLASSES - 1, Math.floor(shareUpTo(lengths, tokens) * LENGTH_CLASSES));
}

/** Values gathered by class. */
export class ClassedValues {
  readonly #values: number[][];

  constructor(classes: number) {
    this.#values = Array.from({ length: classes }, () => []);
  }

  add(index: number, value: number): void {
    this.#values[index]!.push(value);
  }

  /** A table of each class; a class without values has none. */
  tables(): (number[] | null)[] {
    return this.#values.map((values) => {
      const table = quantilesOf(Float64Array.from(values).sort(), CLASS_PARTS);
      return table === undefined ? null : [...table];
    });
  }
}

/** The table of a class, or of the nearest one that has a table. */
export function nearestTable(
  tables: readonly (QuantileTable | null)[],
  index: number,
): QuantileTable | undefined {
  for (let off = 0; off < tables.length; off++) {
    const table = tables[index - off] ?? tables[index + off];
    if (table) return table;
  }
  return undefined;
}
