import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import { assert } from './assert.ts';

const TWO_POW_53 = 9_007_199_254_740_992;

/** FNV-1a over UTF-16 code units: spreads a stream's name over 32 bits. */
function hashName(name: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}

/**
 * A stream of pseudorandom numbers that belongs to one component. Streams with different names are
 * independent of each other, so that adding a component does not move another's numbers.
 */
export class RandomStream {
  #generator: JumpableRandomGenerator;

  constructor(seed: number, name: string) {
    assert(Number.isSafeInteger(seed), `seed must be an integer, got ${seed}`);
    // The generator mixes one 32-bit seed; the high half of a large seed enters through the name.
    const high = Math.floor(seed / 4_294_967_296) | 0;
    this.#generator = xoroshiro128plus(Math.imul(hashName(name) ^ high, 0x9e3779b1) ^ (seed | 0));
    this.#generator.jump();
  }

  /** Draws as `draw` will, and takes the draws back: who draws next gets the same numbers. */
  peek<Result>(draw: () => Result): Result {
    const before = this.#generator.clone();
    try {
      return draw();
    } finally {
      this.#generator = before;
    }
  }

  /** A signed 32-bit integer, uniform. */
  nextInt32(): number {
    return this.#generator.next();
  }

  /** A double in [0, 1) with 53 random bits. */
  nextFloat(): number {
    const high = this.#generator.next() >>> 6;
    const low = this.#generator.next() >>> 5;
    return (high * 134_217_728 + low) / TWO_POW_53;
  }

  /** An integer in [0, bound), uniform: rejection removes the modulo's bias. */
  nextBelow(bound: number): number {
    assert(
      Number.isInteger(bound) && bound > 0 && bound <= 4_294_967_296,
      'a bound is an integer from 1 to 2³²',
    );
    const limit = 4_294_967_296 - (4_294_967_296 % bound);
    for (;;) {
      const draw = this.#generator.next() >>> 0;
      if (draw < limit) return draw % bound;
    }
  }

  /** An exponential with mean 1, by inversion. */
  nextExponential(): number {
    return -Math.log1p(-this.nextFloat());
  }

  /** A standard normal, by the Marsaglia polar method; the pair's second half is dropped. */
  nextNormal(): number {
    for (;;) {
      const u = 2 * this.nextFloat() - 1;
      const v = 2 * this.nextFloat() - 1;
      const s = u * u + v * v;
      if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
    }
  }
}

/** Opens the stream of `name` under `seed`: the same pair gives the same numbers, everywhere. */
export function openStream(seed: number, name: string): RandomStream {
  return new RandomStream(seed, name);
}
