import { drawGamma, drawWeibull, weibullScale } from '#core/base/distributions.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { RateWindow } from '../../formats/servegen/rate-windows.ts';

/**
 * The arrivals of one client: a renewal process whose clock runs at the rate of the window, so that its
 * gaps have the family and shape of the window in which they begin and the mean of those they cross.
 */
export class ClientArrivals {
  /** Seconds since the recording began; infinite when no more come. */
  nextS: number;
  readonly #windows: readonly RateWindow[];
  readonly #random: RandomStream;
  #window: number;

  /** Arrivals from `fromS` on. */
  constructor(windows: readonly RateWindow[], fromS: number, random: RandomStream) {
    this.#windows = windows;
    this.#random = random;
    const at = windows.findIndex(({ startS, durationS }) => startS + durationS > fromS);
    this.#window = at < 0 ? windows.length : at;
    this.nextS = fromS;
    this.advance();
  }

  /** Draws the arrival after `nextS`. */
  advance(): void {
    let left = Number.NaN;
    for (; this.#window < this.#windows.length; this.#window++) {
      const window = this.#windows[this.#window]!;
      const { startS, durationS, ratePerS } = window;
      this.nextS = Math.max(this.nextS, startS);
      if (ratePerS === 0) continue;
      if (Number.isNaN(left)) left = this.#drawGap(window);
      const roomS = startS + durationS - this.nextS;
      if (left / ratePerS < roomS) {
        this.nextS += left / ratePerS;
        return;
      }
      left -= roomS * ratePerS;
    }
    this.nextS = Number.POSITIVE_INFINITY;
  }

  /** A gap of mean 1. */
  #drawGap({ family, shape, cv }: RateWindow): number {
    if (family === 'weibull') return drawWeibull(shape!, weibullScale(shape!), this.#random);
    if (family === 'gamma') return drawGamma(shape!, this.#random);
    return drawGamma(cv === undefined ? 1 : 1 / (cv * cv), this.#random);
  }
}
