import type { Expected } from '../golden.ts';
import { type Check, checkClose, checkSame, checkWithin } from './check.ts';
import { isCount, isSketched } from './metrics.ts';

/** Two sketches of 0.1 % each may lie this far apart. */
const SKETCH_TOLERANCE = 0.002;

/**
 * Judges the summary of a run that has one right answer: counts equal, times and rates within 1e-6,
 * percentiles from a sketch within 0.2 %. Numbers that we do not report are left out.
 */
export function judgeExactSummary(
  theirs: Readonly<Record<string, Expected>>,
  ours: Readonly<Record<string, number>>,
): Check[] {
  const checks: Check[] = [];
  for (const [metric, value] of Object.entries(theirs)) {
    if (typeof value !== 'number' || !(metric in ours)) continue;
    checks.push(judgeExact(metric, value, ours[metric]));
  }
  return checks;
}

function judgeExact(metric: string, theirs: number, ours: number | undefined): Check {
  if (isCount(metric)) return checkSame(metric, theirs, ours);
  if (!isSketched(metric)) return checkClose(metric, theirs, ours);
  const distance = SKETCH_TOLERANCE * Math.abs(theirs);
  return checkWithin(metric, theirs, ours, distance, '0.2 % (sketch)');
}

/** Metrics of the peer that we do not report, so that nobody takes them for compared. */
export function unreported(
  theirs: Readonly<Record<string, Expected>>,
  ours: Readonly<Record<string, number>>,
): string[] {
  return Object.keys(theirs).filter(
    (metric) => typeof theirs[metric] === 'number' && !(metric in ours),
  );
}
