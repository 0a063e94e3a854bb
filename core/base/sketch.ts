import { assert } from './assert.ts';

/** Relative error of every quantile that the sketch returns. */
export const SKETCH_RELATIVE_ERROR = 0.001;

const GAMMA = (1 + SKETCH_RELATIVE_ERROR) / (1 - SKETCH_RELATIVE_ERROR);
const LOG_GAMMA = Math.log(GAMMA);
const INITIAL_BUCKETS = 256;
/** Farther from a bucket's ends than this, relatively, rounding cannot put a value elsewhere. */
const ROUNDING = 1e-12;
/** A variance below this, beside the squared mean, is what the rounding of sums leaves of none. */
const NO_SPREAD = 1e-12;

/**
 * A mergeable quantile sketch over positive numbers and zero (DDSketch, Masson et al., VLDB 2019).
 *
 * Bucket i counts the values in (γ^(i−1), γ^i], γ = 1.001/0.999, so a value reconstructed from its
 * bucket is within 0.1 % of the truth. Buckets are a dense array around the values seen:
 *
 *     counts[bucket − #offset]   values counted, fractional never
 *     #zeros                     values that are exactly 0
 *
 * Values come as runs (value, count), so that a leap over many equal gaps costs one addition.
 */
export class QuantileSketch {
  #counts: Float64Array = new Float64Array(INITIAL_BUCKETS);
  #offset = 0;
  #used = false;
  #zeros = 0;
  #count = 0;
  #sum = 0;
  #squares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;

  /** Forgets everything. */
  clear(): void {
    this.#counts = new Float64Array(INITIAL_BUCKETS);
    this.#offset = 0;
    this.#used = false;
    this.#zeros = 0;
    this.#count = 0;
    this.#sum = 0;
    this.#squares = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Exact, undefined without a sample. */
  get min(): number | undefined {
    return this.#count === 0 ? undefined : this.#min;
  }

  /** Exact, undefined without a sample. */
  get max(): number | undefined {
    return this.#count === 0 ? undefined : this.#max;
  }

  get mean(): number | undefined {
    return this.#count === 0 ? undefined : this.#sum / this.#count;
  }

  /**
   * Of the population; undefined without a sample. Samples of one range count as their mean, which
   * lies within 0.2 % of each of them.
   */
  get standardDeviation(): number | undefined {
    if (this.#count === 0) return undefined;
    const mean = this.#sum / this.#count;
    const variance = this.#squares / this.#count - mean * mean;
    return variance < NO_SPREAD * mean * mean ? 0 : Math.sqrt(variance);
  }

  /** The bucket that a positive value falls into. */
  static bucketOf(value: number): number {
    return Math.ceil(Math.log(value) / LOG_GAMMA);
  }

  /** The largest value of a bucket. */
  static bucketTop(bucket: number): number {
    return Math.exp(bucket * LOG_GAMMA);
  }

  /** The bucket of a value that is not below some value of `bucket`, whose top is `top`. */
  static bucketFrom(bucket: number, top: number, value: number): number {
    return value < top * (1 - ROUNDING) ? bucket : QuantileSketch.bucketOf(value);
  }

  /** Adds `count` samples of `value`. */
  add(value: number, count = 1): void {
    assert(value >= 0 && Number.isFinite(value), 'a sketch takes finite values ≥ 0');
    assert(count > 0, 'a sketch takes a positive count');
    this.addRange(value, value, value * count, count);
  }

  /**
   * Adds `count` samples that all fall into one bucket, of which the smallest, the largest and the
   * sum are known.
   */
  addRange(min: number, max: number, sum: number, count: number): void {
    this.addRangeIn(QuantileSketch.bucketOf(max), min, max, sum, count);
  }

  /** The same where the bucket is known; not read for zeros. A closed form that walks bucket by bucket ends here. */
  addRangeIn(bucket: number, min: number, max: number, sum: number, count: number): void {
    if (max === 0) this.#zeros += count;
    else this.#addToBucket(bucket, count);
    this.#count += count;
    this.#sum += sum;
    this.#squares += (sum / count) * sum;
    if (min < this.#min) this.#min = min;
    if (max > this.#max) this.#max = max;
  }

  /** Adds every sample of `other`. */
  merge(other: QuantileSketch): void {
    for (let slot = 0; slot < other.#counts.length; slot++) {
      const count = other.#counts[slot]!;
      if (count > 0) this.#addToBucket(slot + other.#offset, count);
    }
    this.#zeros += other.#zeros;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#squares += other.#squares;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  /**
   * The value at nearest rank round((n−1)·q), within 0.1 % of the sample there; undefined without a
   * sample. The ends are exact.
   */
  quantile(q: number): number | undefined {
    assert(q >= 0 && q <= 1, `quantile takes 0..1, got ${q}`);
    if (this.#count === 0) return undefined;
    const rank = Math.round((this.#count - 1) * q);
    if (rank === 0) return this.#min;
    if (rank === this.#count - 1) return this.#max;
    if (rank < this.#zeros) return 0;
    let seen = this.#zeros;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      seen += this.#counts[slot]!;
      if (seen > rank) return this.#clamp(this.#middle(slot + this.#offset));
    }
    return this.#max;
  }

  /** Samples not above `value`; those in its own bucket, within 0.2 % of it, count as not above. */
  countUpTo(value: number): number {
    if (this.#count === 0 || value < 0) return 0;
    if (value >= this.#max) return this.#count;
    let count = this.#zeros;
    if (value === 0) return count;
    const last = Math.min(QuantileSketch.bucketOf(value) - this.#offset, this.#counts.length - 1);
    for (let slot = 0; slot <= last; slot++) count += this.#counts[slot]!;
    return count;
  }

  /** The value of a bucket whose relative distance to both ends is equal. */
  #middle(bucket: number): number {
    return (2 * QuantileSketch.bucketTop(bucket)) / (GAMMA + 1);
  }

  #clamp(value: number): number {
    return Math.min(this.#max, Math.max(this.#min, value));
  }

  #addToBucket(bucket: number, count: number): void {
    // The slot comes first: finding it may replace the array that the count goes into.
    const slot = this.#slot(bucket);
    this.#counts[slot]! += count;
  }

  /** The slot of a bucket; makes room on either side when it lies outside. */
  #slot(bucket: number): number {
    if (!this.#used) {
      this.#used = true;
      this.#offset = bucket - INITIAL_BUCKETS / 2;
    }
    const slot = bucket - this.#offset;
    if (slot >= 0 && slot < this.#counts.length) return slot;
    const grown = new Float64Array(this.#counts.length * 2 + Math.abs(slot));
    const shift = slot < 0 ? grown.length - this.#counts.length : 0;
    grown.set(this.#counts, shift);
    this.#counts = grown;
    this.#offset -= shift;
    return bucket - this.#offset;
  }
}
