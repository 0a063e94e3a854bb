import type { RandomStream } from '#core/base/random.ts';
import { drawFrom } from './quantiles.ts';
import type { ArrivalsFit } from './trace-fit.ts';

/** Draws the times at which sessions, and requests without one, begin. */
export class BeginTimes {
  readonly #fit: ArrivalsFit;
  readonly #random: RandomStream;
  readonly #stamped: boolean;
  /** Scales gaps so that the mean rate is the wanted one. */
  readonly #stretch: number;
  #momentMs = 0;
  #left = 0;

  /** @param rate begins per second; without it, the rate of the fit. */
  constructor(fit: ArrivalsFit, rate: number | undefined, random: RandomStream) {
    this.#fit = fit;
    this.#random = random;
    this.#stretch = rate === undefined ? 1 : fit.rate_rps / rate;
    this.#stamped = meanOf(fit.begins_per_moment) > 1.5;
    this.#left = this.#drawBegins();
  }

  /** The next time, in whole milliseconds where the trace has such. */
  next(): number {
    while (this.#left <= 0) {
      const relative = this.#stamped ? 1 : this.#relativeRate();
      this.#momentMs +=
        (drawFrom(this.#fit.moment_gap_ms, this.#random) / relative) * this.#stretch;
      this.#left = this.#drawBegins();
    }
    this.#left--;
    return Math.round(this.#momentMs);
  }

  #drawBegins(): number {
    const relative = this.#stamped ? this.#relativeRate() : 1;
    const mean = drawFrom(this.#fit.begins_per_moment, this.#random) * relative;
    const whole = Math.floor(mean);
    return whole + (this.#random.nextFloat() < mean - whole ? 1 : 0);
  }

  /** Beyond the span of the fit its shape repeats. */
  #relativeRate(): number {
    const { rate_shape: shape, span_ms: spanMs } = this.#fit;
    const part = Math.floor((this.#momentMs / (spanMs * this.#stretch)) * shape.length);
    return Math.max(shape[part % shape.length]!, 0.05);
  }
}

function meanOf(table: readonly number[]): number {
  return table.reduce((sum, value) => sum + value, 0) / table.length;
}
