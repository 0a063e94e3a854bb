/** How the rate of arrivals changes over a run. */
export interface RateShape {
  /**
   * The moment, seconds since the run began, at which `count` arrivals are expected to have come:
   * the last at which the integral of the rate is not above `count`. Infinite when it never is that
   * much. Grows with `count`, but for the last digits of a double.
   */
  timeS(count: number): number;
}

/** From one rate to another in a straight line, and on at the second: ∫ = from·t + slope·t²/2. */
export class RampRate implements RateShape {
  readonly #from: number;
  readonly #to: number;
  readonly #durationS: number;

  /** @param from, @param to requests per second, not both 0. */
  constructor(from: number, to: number, durationS: number) {
    this.#from = from;
    this.#to = to;
    this.#durationS = durationS;
  }

  timeS(count: number): number {
    if (count === 0) return 0;
    const from = this.#from;
    const durationS = this.#durationS;
    const inRamp = ((from + this.#to) / 2) * durationS;
    if (count > inRamp) return durationS + (count - inRamp) / this.#to;
    const slope = (this.#to - from) / durationS;
    // The root of the quadratic in the form that keeps its digits for a slope near 0.
    return (2 * count) / (from + Math.sqrt(Math.max(0, from * from + 2 * slope * count)));
  }
}

/** A swing around a mean: ∫ = mean·t + amplitude·(1 − cos ωt)/ω. */
export class SineRate implements RateShape {
  readonly #mean: number;
  readonly #amplitude: number;
  readonly #periodS: number;

  /** @param amplitude at most the mean. */
  constructor(mean: number, amplitude: number, periodS: number) {
    this.#mean = mean;
    this.#amplitude = amplitude;
    this.#periodS = periodS;
  }

  timeS(count: number): number {
    const inPeriod = this.#mean * this.#periodS;
    const periods = Math.floor(count / inPeriod);
    return periods * this.#periodS + this.#within(count - periods * inPeriod);
  }

  /** Newton's method inside a bracket: the integral rises throughout, but its slope may be 0. */
  #within(count: number): number {
    const omega = (2 * Math.PI) / this.#periodS;
    let low = 0;
    let high = this.#periodS;
    let t = count / this.#mean;
    for (let step = 0; step < 64; step++) {
      const excess = this.#mean * t + (this.#amplitude / omega) * (1 - Math.cos(omega * t)) - count;
      if (excess > 0) high = t;
      else low = t;
      const rate = this.#mean + this.#amplitude * Math.sin(omega * t);
      const guess = t - excess / rate;
      const next = guess > low && guess < high ? guess : (low + high) / 2;
      if (Math.abs(next - t) <= 1e-13 * this.#periodS) return next;
      t = next;
    }
    return t;
  }
}

/** A rate that is constant between given times; it may begin again after a last one. */
export class SteppedRate implements RateShape {
  readonly #startsS: Float64Array;
  readonly #rates: Float64Array;
  /** Arrivals expected before each step. */
  readonly #before: Float64Array;
  readonly #periodS: number;
  readonly #inPeriod: number;

  /**
   * @param startsS ascending from 0
   * @param rates requests per second from there on; not all 0, and the last only with a period
   * @param periodS when the first step follows again; infinite without an end
   */
  constructor(startsS: Float64Array, rates: Float64Array, periodS = Number.POSITIVE_INFINITY) {
    this.#startsS = startsS;
    this.#rates = rates;
    this.#periodS = periodS;
    this.#before = new Float64Array(startsS.length);
    for (let step = 1; step < startsS.length; step++) {
      const lengthS = startsS[step]! - startsS[step - 1]!;
      this.#before[step] = this.#before[step - 1]! + rates[step - 1]! * lengthS;
    }
    const last = startsS.length - 1;
    this.#inPeriod = Number.isFinite(periodS)
      ? this.#before[last]! + rates[last]! * (periodS - startsS[last]!)
      : Number.POSITIVE_INFINITY;
  }

  timeS(count: number): number {
    const periods = Math.floor(count / this.#inPeriod);
    const rest = periods === 0 ? count : count - periods * this.#inPeriod;
    // The last step that begins with no more than `rest`: a step of rate 0 is passed over.
    const step = lastAtMost(this.#before, rest);
    const baseS = periods === 0 ? 0 : periods * this.#periodS;
    return baseS + this.#startsS[step]! + (rest - this.#before[step]!) / this.#rates[step]!;
  }

  /** The step that a moment of the run lies in. */
  stepAt(nowS: number): number {
    return lastAtMost(this.#startsS, Number.isFinite(this.#periodS) ? nowS % this.#periodS : nowS);
  }
}

/** The last index whose value is not above `limit`, of values that do not fall; the first is not. */
function lastAtMost(values: Float64Array, limit: number): number {
  let low = 0;
  let high = values.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= limit) low = middle;
    else high = middle;
  }
  return low;
}
