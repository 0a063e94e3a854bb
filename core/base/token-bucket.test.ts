import fc from 'fast-check';
import { expect, test } from 'vitest';
import { takeToken, tokenBucket, waitForToken } from './token-bucket.ts';

/** The bucket as it is told to children: it fills up, drop by drop, and a token is a cup of drops. */
class NaiveBucket {
  readonly #cupNs: number;
  readonly #sizeNs: number;
  #drops: number;
  #atNs = 0;

  constructor(intervalNs: number, burst: number) {
    this.#cupNs = intervalNs;
    this.#sizeNs = burst * intervalNs;
    this.#drops = this.#sizeNs;
  }

  takes(nowNs: number): boolean {
    this.#drops = Math.min(this.#sizeNs, this.#drops + nowNs - this.#atNs);
    this.#atNs = nowNs;
    if (this.#drops < this.#cupNs) return false;
    this.#drops -= this.#cupNs;
    return true;
  }
}

const buckets = fc.record({
  perSecond: fc.constantFrom(0.01, 0.3, 1, 7, 1000, 1e6, 1e9),
  burst: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(50_000)),
});

/** Pauses between requests, in intervals of the bucket: most are short of one. */
const pauses = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3, noNaN: true })), {
  minLength: 1,
  maxLength: 60,
});

test('a bucket gives what one that fills drop by drop gives, and says when to come again', () => {
  fc.assert(
    fc.property(buckets, pauses, ({ perSecond, burst }, gaps) => {
      const bucket = tokenBucket(perSecond, burst);
      const naive = new NaiveBucket(bucket.intervalNs, burst);
      const taken: number[] = [];
      let fullAtNs = 0;
      let nowNs = 0;
      for (const gap of gaps) {
        nowNs += Math.round(gap * bucket.intervalNs);
        const waitNs = waitForToken(bucket, fullAtNs, nowNs);
        expect(waitNs === 0).toBe(naive.takes(nowNs));
        if (waitNs > 0) {
          expect(waitForToken(bucket, fullAtNs, nowNs + waitNs - 1)).toBe(1);
          expect(waitForToken(bucket, fullAtNs, nowNs + waitNs)).toBe(0);
          continue;
        }
        fullAtNs = takeToken(bucket, fullAtNs, nowNs);
        taken.push(nowNs);
      }
      // Whenever one looks, no more have passed since any moment than the bucket holds and was given.
      taken.forEach((from, first) => {
        taken.slice(first).forEach((to, passed) => {
          expect(passed + 1).toBeLessThanOrEqual(
            burst + Math.floor((to - from) / bucket.intervalNs),
          );
        });
      });
    }),
  );
});

test('two at once and then one a second', () => {
  const bucket = tokenBucket(1, 2);
  const first = takeToken(bucket, 0, 5e9);
  const second = takeToken(bucket, first, 5e9);
  expect([first, second]).toEqual([6e9, 7e9]);
  expect(waitForToken(bucket, second, 5e9)).toBe(1e9);
  expect(waitForToken(bucket, second, 6e9)).toBe(0);
  expect(() => takeToken(bucket, second, 5e9)).toThrow('not there');
});
