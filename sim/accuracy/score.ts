import { GROUPINGS } from './fold.ts';
import type { JudgedPoint } from './judge.ts';
import type { ScoredMetric } from './truth.ts';

/** Relative errors of a group of points: prediction ÷ measurement − 1. */
export interface Score {
  readonly points: number;
  /** Of the absolute errors; signed is the median with its sign. */
  readonly median: number;
  readonly mean: number;
  readonly p90: number;
  readonly signed: number;
}

/** Summarises relative errors; undefined where there are none. */
export function scoreOf(errors: readonly number[]): Score | undefined {
  if (errors.length === 0) return undefined;
  const absolute = errors.map(Math.abs).sort((a, b) => a - b);
  const signed = [...errors].sort((a, b) => a - b);
  return {
    points: errors.length,
    median: quantile(absolute, 50),
    mean: absolute.reduce((sum, error) => sum + error, 0) / absolute.length,
    p90: quantile(absolute, 90),
    signed: quantile(signed, 50),
  };
}

/**
 * The score of points by their left-out errors: once without their GPU classes, once without their
 * families of models; the one with the larger median.
 */
export function leftOutScore(
  points: readonly JudgedPoint[],
  metric: ScoredMetric,
): Score | undefined {
  let worst: Score | undefined;
  for (const grouping of GROUPINGS) {
    const score = scoreOf(points.flatMap(({ answer }) => answer?.errors[grouping][metric] ?? []));
    if (score !== undefined && (worst === undefined || score.median > worst.median)) worst = score;
  }
  return worst;
}

/** Nearest rank, as everywhere in reports. */
function quantile(sorted: readonly number[], percent: number): number {
  return sorted[Math.round(((sorted.length - 1) * percent) / 100)]!;
}
