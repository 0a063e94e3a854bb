import { assert } from '#core/base/assert.ts';
import { QuantileSketch } from '#core/base/sketch.ts';
import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { PassTime } from '../timing/pass-time.ts';
import { DecodeCurve } from '../timing/timing-model.ts';
import type { Leap } from './leap.ts';

/**
 * Consecutive passes in which the same requests decode and nothing else happens. From one pass to
 * the next each context grows by a token, so pass i lasts f(c + n·i) for n requests whose contexts
 * sum to c at first; f is made of quadratics, whose sums have a closed form:
 *
 *     Σ f(c + n·i), i < k  =  k·f(c) + (c1·n + 2·c2·c·n)·k(k−1)/2 + c2·n²·(k−1)k(2k−1)/6
 *
 * The sum is rounded to a nanosecond once, so a leap differs from stepping by at most half a
 * nanosecond a pass, unless a habit of the timing model rounds before it scales.
 */
export class DecodeRun implements Leap {
  #curve: Readonly<DecodeCurve> = new DecodeCurve();
  #requests = 0;
  #context = 0;

  /** Sets the batch at the first pass. */
  prepare(time: PassTime, requests: number, contextTokens: number): void {
    assert(requests > 0, 'a decode run needs a request');
    this.#curve = time.decodeCurve(requests);
    this.#requests = requests;
    this.#context = contextTokens;
  }

  /** Duration of the first `passes` passes. */
  spanNs(passes: number): Ns {
    return Math.round(this.#spanMs(passes) * NS_PER_MS);
  }

  /** The least number of passes, at most `limit`, that last for `elapsedNs` or longer. */
  passesUntil(elapsedNs: Ns, limit: number): number {
    let below = 0;
    let reach = limit;
    while (reach - below > 1) {
      const middle = (below + reach) >> 1;
      if (this.spanNs(middle) >= elapsedNs) reach = middle;
      else below = middle;
    }
    return reach;
  }

  /** The most passes, at most `limit`, that last no longer than `roomNs`. */
  passesWithin(roomNs: Ns, limit: number): number {
    return this.passesUntil(roomNs + 1, limit + 1) - 1;
  }

  /** Adds the gaps of the first `passes` passes, one for each request and pass, in nanoseconds. */
  addGaps(passes: number, sketch: QuantileSketch): void {
    const longest = this.#passNs(passes - 1);
    let from = 0;
    while (from < passes) {
      const first = this.#passNs(from);
      const bucket = QuantileSketch.bucketOf(first);
      const top = QuantileSketch.bucketTop(bucket);
      const to = longest <= top ? passes : this.#firstAbove(top, from, passes);
      const sumNs = (this.#spanMs(to) - this.#spanMs(from)) * NS_PER_MS;
      const last = to === passes ? longest : this.#passNs(to - 1);
      assert(last > first - 1, 'a pass lasts longer with less context');
      const count = (to - from) * this.#requests;
      const into = QuantileSketch.bucketFrom(bucket, top, last);
      sketch.addRangeIn(into, first, last, sumNs * this.#requests, count);
      from = to;
    }
  }

  /** The first pass after `from` that lasts longer than `top`: durations never fall. */
  #firstAbove(top: Ns, from: number, passes: number): number {
    let below = from;
    let above = passes - 1;
    while (above - below > 1) {
      const middle = (below + above) >> 1;
      if (this.#passNs(middle) > top) above = middle;
      else below = middle;
    }
    return above;
  }

  #passNs(pass: number): Ns {
    const curve = this.#curve;
    const context = this.#context + this.#requests * pass;
    let piece = 0;
    while (context > curve.end[piece]!) piece++;
    return curve.at(piece, context) * NS_PER_MS;
  }

  #spanMs(passes: number): number {
    const curve = this.#curve;
    const n = this.#requests;
    let context = this.#context;
    let left = passes;
    let sum = 0;
    for (let piece = 0; left > 0; piece++) {
      const end = curve.end[piece]!;
      if (context > end) continue;
      const k = Math.min(left, Math.floor((end - context) / n) + 1);
      const c1 = curve.c1[piece]!;
      const c2 = curve.c2[piece]!;
      const first = curve.c0[piece]! + (c1 + c2 * context) * context;
      const slope = (c1 + 2 * c2 * context) * n;
      sum +=
        k * first + slope * ((k * (k - 1)) / 2) + c2 * n * n * (((k - 1) * k * (2 * k - 1)) / 6);
      context += n * k;
      left -= k;
    }
    return sum;
  }
}
