import { type QuantileTable, quantilesOf } from './quantiles.ts';
import type { ArrivalsFit } from './trace-fit.ts';

const PARTS = 128;
/** Parts of the span whose rates are told apart. */
export const RATE_PARTS = 24;

/** What the times of begins look like, in ascending order; undefined without two different ones. */
export function fitArrivals(sortedMs: Float64Array): ArrivalsFit | undefined {
  const n = sortedMs.length;
  const spanMs = n === 0 ? 0 : sortedMs[n - 1]! - sortedMs[0]!;
  if (!(spanMs > 0)) return undefined;
  const shape = rateShape(sortedMs, RATE_PARTS);
  const { gapsMs, begins } = moments(sortedMs);
  const stamped = isStamped(n, begins.length);
  const relative = (index: number): number =>
    Math.max(shape[partOf(index, sortedMs[0]!, spanMs)]!, 0.05);
  const moment = momentTimes(sortedMs);
  const steadyGaps = gapsMs.map((gap, index) => (stamped ? gap : gap * relative(moment[index]!)));
  const steadyBegins = begins.map((count, index) =>
    stamped ? count / relative(moment[index]!) : count,
  );
  return {
    rate_rps: (n / spanMs) * 1_000,
    span_ms: spanMs,
    gap_cv: coefficientOfVariation(sortedMs),
    gap_ms: sortedTable([...sortedMs.subarray(1)].map((ms, index) => ms - sortedMs[index]!)),
    moment_gap_ms: sortedTable(steadyGaps),
    begins_per_moment: sortedTable(steadyBegins),
    rate_shape: shape.map((rate) => Math.round(rate * 10_000) / 10_000),
  };
}

/** Whether a trace was stamped in rounds: several begins then share a moment as a rule. */
export function isStamped(begins: number, moments: number): boolean {
  return begins > 1.5 * moments;
}

/** Relative rate in equal parts of the span, mean 1. */
export function rateShape(sortedMs: Float64Array, parts: number): number[] {
  const counts = new Array<number>(parts).fill(0);
  const first = sortedMs[0]!;
  const spanMs = sortedMs[sortedMs.length - 1]! - first;
  for (const timeMs of sortedMs) {
    const part = Math.min(parts - 1, Math.floor(((timeMs - first) / spanMs) * parts));
    counts[part] = counts[part]! + 1;
  }
  return counts.map((count) => (count * parts) / sortedMs.length);
}

/** Standard deviation of the gaps over their mean. */
export function coefficientOfVariation(sortedMs: Float64Array): number {
  const gaps = sortedMs.length - 1;
  const mean = (sortedMs[gaps]! - sortedMs[0]!) / gaps;
  let squares = 0;
  for (let index = 1; index <= gaps; index++) {
    squares += (sortedMs[index]! - sortedMs[index - 1]! - mean) ** 2;
  }
  return Math.sqrt(squares / gaps) / mean;
}

function partOf(timeMs: number, firstMs: number, spanMs: number): number {
  return Math.min(RATE_PARTS - 1, Math.floor(((timeMs - firstMs) / spanMs) * RATE_PARTS));
}

function momentTimes(sortedMs: Float64Array): number[] {
  return [...sortedMs].filter((timeMs, index) => index === 0 || timeMs !== sortedMs[index - 1]);
}

/** Gaps between distinct times, and how many begin at each of them. */
function moments(sortedMs: Float64Array): {
  readonly gapsMs: readonly number[];
  readonly begins: readonly number[];
} {
  const gapsMs: number[] = [];
  const begins = [1];
  for (let index = 1; index < sortedMs.length; index++) {
    const gapMs = sortedMs[index]! - sortedMs[index - 1]!;
    if (gapMs === 0) begins[begins.length - 1]!++;
    else {
      gapsMs.push(gapMs);
      begins.push(1);
    }
  }
  return { gapsMs, begins };
}

function sortedTable(values: readonly number[]): number[] {
  const table: QuantileTable = quantilesOf(Float64Array.from(values).sort(), PARTS)!;
  return [...table];
}
