import { assertDefined } from '#core/base/assert.ts';
import type { ClassProfile } from './class-profile.ts';
import { PolicyNames } from './policy-names.ts';

/**
 * Finds the class of a request: the one that it names, where that class has no family; otherwise the
 * class of its family and of the bucket with the highest floor that its uncached tokens reach. What
 * names neither a family nor such a class belongs to the default family, so that nobody gets past
 * the buckets by naming one of their classes.
 *
 *     #floors[b]                       least uncached tokens of bucket b, ascending
 *     #cells[family · buckets + b]     the class of a family's bucket
 */
export class ClassSelection {
  readonly #classes: number;
  readonly #floors: readonly number[];
  readonly #cells: Int32Array;
  readonly #defaultFamily: number;

  constructor(profile: ClassProfile) {
    const { defaultFamily, buckets, classes } = profile;
    const { families } = new PolicyNames(profile);
    this.#classes = classes.length;
    this.#floors = buckets.map(({ minTokens }) => minTokens);
    this.#cells = new Int32Array(families.length * buckets.length).fill(-1);
    const places = new Map<string, number>();
    for (const [place, family] of families.entries()) {
      for (const [bucketPlace, { name }] of buckets.entries()) {
        places.set(cell(family, name), place * buckets.length + bucketPlace);
      }
    }
    for (const [place, { name, family, bucket = '' }] of classes.entries()) {
      if (family === undefined) continue;
      this.#cells[assertDefined(places.get(cell(family, bucket)), `${name} has a bucket`)] = place;
    }
    this.#defaultFamily = families.indexOf(defaultFamily);
  }

  /** The class, from the number of the name that the request gives and its uncached tokens. */
  select(policyName: number, uncachedTokens: number): number {
    if (policyName >= 0 && policyName < this.#classes) return policyName;
    const family = policyName < 0 ? this.#defaultFamily : policyName - this.#classes;
    return this.#cells[family * this.#floors.length + this.#bucketOf(uncachedTokens)]!;
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

/** No name has a space in it. */
function cell(family: string, bucket: string): string {
  return `${family} ${bucket}`;
}
