import { type Check, checkSame, checkWithin } from './check.ts';

/** Standard errors that a mean gap may lie off. */
const SIGMAS = 3;

/**
 * Judges arrivals drawn by a generator of ours where the peer drew with its own: only the rate and
 * the shape can agree. Gaps of a Poisson process have the mean 1000 ÷ rate and an equal standard
 * deviation, whose own standard error is √2 as large as that of the mean (kurtosis 9).
 *
 * @param runs arrival times of each run, milliseconds, ascending
 * @param ratePerSecond what the case asks for
 * @param requests how many requests each run must have
 */
export function judgeArrivals(
  runs: readonly (readonly number[])[],
  ratePerSecond: number,
  requests: number,
): Check[] {
  const gaps = runs.flatMap((times) => times.slice(1).map((time, i) => time - times[i]!));
  const expected = 1000 / ratePerSecond;
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const squares = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0);
  const std = Math.sqrt(squares / gaps.length);
  const distance = (SIGMAS * expected) / Math.sqrt(gaps.length);
  const fewest = Math.min(...runs.map((times) => times.length));
  const most = Math.max(...runs.map((times) => times.length));
  return [
    checkSame('fewest requests of a run', requests, fewest),
    checkSame('most requests of a run', requests, most),
    checkWithin('mean gap between arrivals, ms', expected, mean, distance, '3 standard errors'),
    checkWithin(
      'standard deviation of the gaps, ms',
      expected,
      std,
      distance * Math.SQRT2,
      '3 standard errors',
    ),
  ];
}
