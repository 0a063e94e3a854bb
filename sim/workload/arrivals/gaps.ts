import { drawGamma, drawWeibull, weibullScale, weibullShape } from '#core/base/distributions.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';

/** Draws the gaps between arrivals, in units of their mean: the rate is somebody else's business. */
export interface Gaps {
  /** @param nowS seconds since the run began, for families that change over time. */
  next(nowS: number): number;
}

/** Gaps that are all equal. */
export class EqualGaps implements Gaps {
  next(): number {
    return 1;
  }
}

/** The exponential gaps of a Poisson process. */
export class ExponentialGaps implements Gaps {
  readonly #stream: RandomStream;

  constructor(stream: RandomStream) {
    this.#stream = stream;
  }

  next(): number {
    return this.#stream.nextExponential();
  }
}

/** Gamma gaps: a shape of 1 is Poisson, a smaller one burstier. */
export class GammaGaps implements Gaps {
  readonly #shape: number;
  readonly #stream: RandomStream;

  constructor(shape: number, stream: RandomStream) {
    this.#shape = shape;
    this.#stream = stream;
  }

  next(): number {
    return drawGamma(this.#shape, this.#stream);
  }
}

/** Weibull gaps of a shape: 1 is Poisson, smaller is burstier. */
export class WeibullGaps implements Gaps {
  readonly #shape: number;
  readonly #scale: number;
  readonly #stream: RandomStream;

  constructor(shape: number, stream: RandomStream) {
    this.#shape = shape;
    this.#scale = weibullScale(shape);
    this.#stream = stream;
  }

  /** The Weibull gaps with this coefficient of variation. */
  static ofCv(cv: number, stream: RandomStream): WeibullGaps {
    return new WeibullGaps(weibullShape(cv), stream);
  }

  next(): number {
    return drawWeibull(this.#shape, this.#scale, this.#stream);
  }
}

/**
 * The gaps that a recording found in each of its windows: of the family and shape that were fitted,
 * gamma where only their CV is known, Poisson where nothing is.
 */
export class RecordedGaps implements Gaps {
  readonly #windows: readonly Gaps[];
  readonly #windowAt: (nowS: number) => number;

  /** @param windowAt the window of the recording that a moment of the run lies in. */
  constructor(
    windows: readonly RateWindow[],
    windowAt: (nowS: number) => number,
    stream: RandomStream,
  ) {
    this.#windows = windows.map((window) => gapsOf(window, stream));
    this.#windowAt = windowAt;
  }

  next(nowS: number): number {
    return this.#windows[this.#windowAt(nowS)]!.next(nowS);
  }
}

function gapsOf({ family, shape, cv }: RateWindow, stream: RandomStream): Gaps {
  if (family === 'weibull' && shape !== undefined) return new WeibullGaps(shape, stream);
  if (family === 'gamma' && shape !== undefined) return new GammaGaps(shape, stream);
  return cv === undefined ? new ExponentialGaps(stream) : new GammaGaps(1 / (cv * cv), stream);
}
