import type { Ns } from '#core/base/time.ts';

/** That something falls due; whoever takes the item out of it calls that off. */
export interface Due<Item> {
  item: Item | undefined;
  readonly dueNs: Ns;
}

/** Places that are given back together. */
const COMPACT_AT = 1024;

/**
 * Items that are all given the same time, so that whoever came first falls due first.
 *
 *     #dues[place]   in the order in which they came, the oldest at #head
 */
export class DueQueue<Item> {
  readonly #spanNs: Ns;
  #dues: Due<Item>[] = [];
  #head = 0;

  /** `spanNs`: how long each item has. */
  constructor(spanNs: Ns) {
    this.#spanNs = spanNs;
  }

  /** The item falls due when its time has passed; times never go back. */
  push(item: Item, nowNs: Ns): Due<Item> {
    const due = { item, dueNs: nowNs + this.#spanNs };
    this.#dues.push(due);
    return due;
  }

  /** Takes out an item that is due by now; undefined when none is. */
  take(nowNs: Ns): Item | undefined {
    if (this.nextNs() > nowNs) return undefined;
    return this.#dues[this.#head++]!.item;
  }

  /** The items that are not due yet, the oldest first. */
  waiting(): readonly Item[] {
    return this.#dues.slice(this.#head).flatMap(({ item }) => item ?? []);
  }

  /** When the next item falls due; Infinity = there is none. */
  nextNs(): Ns {
    while (this.#dues[this.#head]?.item === undefined && this.#head < this.#dues.length) {
      this.#head++;
    }
    if (this.#head >= COMPACT_AT && 2 * this.#head >= this.#dues.length) {
      this.#dues = this.#dues.slice(this.#head);
      this.#head = 0;
    }
    return this.#dues[this.#head]?.dueNs ?? Number.POSITIVE_INFINITY;
  }
}
