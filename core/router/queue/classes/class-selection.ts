import { assertDefined } from '#core/base/assert.ts';
import type { ClassProfile } from './class-profile.ts';

/**
 * Finds the class of a request: the one that it names, where that class has no family; otherwise the
 * class of its family and of the bucket with the highest floor that its uncached tokens reach. What
 * names neither a family nor such a class belongs to the default family, so that nobody gets past
 * the buckets by naming one of their classes.
 *
 *     #floors[b]               least uncached tokens of bucket b, ascending
 *     #cells[family + b]       the class of a family's bucket; a family is the place of its first
 */
export class ClassSelection {
  readonly #floors: readonly number[];
  readonly #explicit = new Map<string, number>();
  readonly #families = new Map<string, number>();
  readonly #cells: Int32Array;
  readonly #defaultFamily: number;

  constructor({ defaultFamily, buckets, classes }: ClassProfile) {
    this.#floors = buckets.map(({ minTokens }) => minTokens);
    const bucketAt = new Map(buckets.map(({ name }, place) => [name, place]));
    const cells: number[] = [];
    for (const [number, { name, family, bucket = '' }] of classes.entries()) {
      if (family === undefined) {
        this.#explicit.set(name, number);
        continue;
      }
      let first = this.#families.get(family);
      if (first === undefined) {
        first = this.#families.size * buckets.length;
        this.#families.set(family, first);
      }
      cells[first + assertDefined(bucketAt.get(bucket), `${bucket} is a bucket`)] = number;
    }
    const cellCount = this.#families.size * buckets.length;
    this.#cells = Int32Array.from({ length: cellCount }, (_, place) =>
      assertDefined(cells[place], 'every family has a class for each bucket'),
    );
    this.#defaultFamily = assertDefined(
      this.#families.get(defaultFamily),
      `${defaultFamily} is a family`,
    );
  }

  /** The number of the class, from the name that the request gives and its uncached tokens. */
  select(name: string, uncachedTokens: number): number {
    const explicit = this.#explicit.get(name);
    if (explicit !== undefined) return explicit;
    const family = this.#families.get(name) ?? this.#defaultFamily;
    return this.#cells[family + this.#bucketOf(uncachedTokens)]!;
  }

  #bucketOf(uncachedTokens: number): number {
    const floors = this.#floors;
    let low = 0;
    let high = floors.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (floors[middle]! <= uncachedTokens) low = middle;
      else high = middle;
    }
    return low;
  }
}
