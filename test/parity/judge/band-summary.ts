import { type Expected, isSpread } from '../golden.ts';
import { type Check, checkSame, checkWithin, showOnly } from './check.ts';
import { isCount, isExtreme, isReuseRatio, isUnsteady } from './metrics.ts';

/** What the bands depend on besides the numbers. */
export interface BandContext {
  /** Runs of the peer behind its mean. */
  readonly runs: number;
  /** Long queues, in which one early difference moves everything after it. */
  readonly saturated: boolean;
}

const REUSE_DISTANCE = 0.01;
const SATURATED_SHARE = 0.02;
const LEAST_SHARE = 0.005;
const UNSTEADY_SHARE = 0.01;
const SIGMAS = 3;

/**
 * Judges the means of several runs of ours by those of several runs of the peer, whose ties are
 * drawn at random. Counts that never varied must be equal; the reuse ratio is within 0.01; other
 * means are within three standard errors of the difference, but at least 0.5 %, or within 2 % when
 * saturated. Percentiles have three standard errors by the larger of both standard
 * deviations, but at least 1 %, because five runs know the spread of their own p99 badly. Extremes are
 * shown.
 */
export function judgeBands(
  theirs: Readonly<Record<string, Expected>>,
  ours: readonly Readonly<Record<string, number>>[],
  context: BandContext,
): Check[] {
  const checks: Check[] = [];
  for (const [metric, expected] of Object.entries(theirs)) {
    const known = typeof expected === 'number' || isSpread(expected);
    if (!known || ours.some((summary) => !(metric in summary))) continue;
    const samples = ours.map((summary) => summary[metric]!);
    checks.push(judgeBand(metric, expected, samples, context));
  }
  return checks;
}

function judgeBand(
  metric: string,
  expected: Exclude<Expected, string | null>,
  samples: readonly number[],
  { runs, saturated }: BandContext,
): Check {
  const ours = meanOf(samples);
  const theirs = isSpread(expected) ? expected.mean : expected;
  if (isCount(metric) && !isSpread(expected)) return checkSame(metric, theirs, ours);
  if (isExtreme(metric)) return showOnly(metric, theirs, ours);
  if (isReuseRatio(metric)) return checkWithin(metric, theirs, ours, REUSE_DISTANCE, '0.01');
  const std = isSpread(expected) ? expected.std : 0;
  const unsteady = isUnsteady(metric);
  if (!unsteady && saturated) return checkShare(metric, theirs, ours, SATURATED_SHARE);
  const widest = unsteady ? Math.max(std, stdOf(samples)) : std;
  const theirRuns = (isSpread(expected) ? expected.runs : undefined) ?? runs;
  const chance = SIGMAS * widest * Math.sqrt(1 / samples.length + 1 / theirRuns);
  const calm = unsteady ? UNSTEADY_SHARE : LEAST_SHARE;
  const share = saturated ? SATURATED_SHARE : calm;
  if (chance <= share * Math.abs(theirs)) return checkShare(metric, theirs, ours, share);
  return checkWithin(metric, theirs, ours, chance, `3 σ = ${chance.toPrecision(3)}`);
}

function checkShare(metric: string, theirs: number, ours: number, share: number): Check {
  return checkWithin(metric, theirs, ours, share * Math.abs(theirs), `${share * 100} %`);
}

function meanOf(samples: readonly number[]): number {
  return samples.reduce((sum, value) => sum + value, 0) / samples.length;
}

/** Standard deviation of a sample; 0 for a single one, which has none. */
function stdOf(samples: readonly number[]): number {
  if (samples.length < 2) return 0;
  const mean = meanOf(samples);
  const squares = samples.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt(squares / (samples.length - 1));
}
