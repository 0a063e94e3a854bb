import { assert } from '../base/assert.ts';

export interface DriftAlarmOptions {
  /** Errors that are nothing to speak of: 0.25 = a quarter more or a fifth less than predicted. */
  readonly band: number;
  /** Added to what is predicted and to what came, so that small times are not judged by noise. */
  readonly floor: number;
}

/** Which way predictions are off: what comes is more, or less, than predicted; 0 = neither. */
export type Drift = -1 | 0 | 1;

/** A single error counts no more than this, as the logarithm of a ratio: e times too much. */
const MOST = 1;
/** Errors beyond the band, summed up, at which the alarm rises. */
const ALARM = 4;
/** And at which it goes again. */
const CLEAR = 2;
/** They are not summed up beyond this, so that the way back is not longer than the way there. */
const FULL = 6;

/**
 * Tells when predictions have gone off for good. Page's cumulative sum, to both sides, of
 *
 *     x = ln((came + floor) / (predicted + floor)), clipped to ±1
 *     S = min(6, max(0, S + |x| − ln(1 + band)))   on the side of x; the other side falls as well
 *
 * The alarm rises when S reaches 4 and goes when it has fallen to 2.
 *
 * So errors within the band never raise it, however many there are; no four errors do, however large
 * they are; and after a step by which errors stay at x, it rises within ⌈4 / (min(|x|, 1) − ln(1 + band))⌉
 * requests. Source: Page, Continuous Inspection Schemes, Biometrika 41 (1954).
 */
export class DriftAlarm {
  /** The alarm that is up. */
  drift: Drift = 0;
  /** Times that it has risen. */
  risen = 0;
  readonly #slack: number;
  readonly #floor: number;
  #more = 0;
  #less = 0;

  constructor({ band, floor }: DriftAlarmOptions) {
    assert(band > 0 && floor >= 0, 'a band above 0 and a floor of 0 or more');
    this.#slack = Math.log1p(band);
    this.#floor = floor;
  }

  /** Takes what was predicted and what came, in one unit, both ≥ 0; whether the alarm has changed. */
  add(predicted: number, came: number): boolean {
    const floor = this.#floor;
    const ratio = (came + floor) / (predicted + floor);
    // Where nothing was predicted and there is no floor, whatever comes is too much.
    const error = Number.isNaN(ratio) ? 0 : clip(Math.log(ratio));
    this.#more = summedUp(this.#more, error - this.#slack);
    this.#less = summedUp(this.#less, -error - this.#slack);
    const before = this.drift;
    this.drift = this.#judge();
    if (this.drift !== 0 && this.drift !== before) this.risen++;
    return this.drift !== before;
  }

  #judge(): Drift {
    if (this.#more >= ALARM) return 1;
    if (this.#less >= ALARM) return -1;
    if (this.drift === 1 && this.#more > CLEAR) return 1;
    if (this.drift === -1 && this.#less > CLEAR) return -1;
    return 0;
  }
}

function clip(error: number): number {
  return Math.min(MOST, Math.max(-MOST, error));
}

function summedUp(sum: number, more: number): number {
  return Math.min(FULL, Math.max(0, sum + more));
}
