import { openStream, type RandomStream } from '#core/base/random.ts';

/** Draws for one feature of one cluster: the same seed and name give the same choices. */
export class Draw {
  readonly #stream: RandomStream;

  constructor(seed: number, name: string) {
    this.#stream = openStream(seed, `swarm.${name}`);
  }

  /** True so often, 0…1. */
  chance(probability: number): boolean {
    return this.#stream.nextFloat() < probability;
  }

  /** One of the values; what stands there twice comes twice as often. */
  pick<T>(values: readonly T[]): T {
    return values[this.#stream.nextBelow(values.length)]!;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + this.#stream.nextBelow(most - least + 1);
  }

  /** Each of the values or not. */
  some<T>(values: readonly T[], probability: number): T[] {
    return values.filter(() => this.chance(probability));
  }
}
