export type Value = number | string | undefined;

/** One number of the peer beside ours, and how it was judged. */
export interface Check {
  readonly metric: string;
  readonly theirs: Value;
  readonly ours: Value;
  /** How far apart they may be, in words; 'not judged' where a number is only shown. */
  readonly allowed: string;
  readonly ok: boolean;
}

/** The peer's clock has steps of 1 ns and its output nine decimals. */
const TIME_TOLERANCE_MS = 1e-6;

/** What adding many doubles in another order costs. */
const FLOAT_NOISE = 1e-9;

/** Equal up to a nanosecond and what double arithmetic loses; for times, rates and ratios. */
export function checkClose(metric: string, theirs: number, ours: Value): Check {
  const slack = TIME_TOLERANCE_MS + FLOAT_NOISE * Math.abs(theirs);
  const ok = typeof ours === 'number' && Math.abs(ours - theirs) <= slack;
  return { metric, theirs, ours, allowed: '1e-6', ok };
}

/** Equal without any slack; for counts and names. */
export function checkSame(metric: string, theirs: Value, ours: Value): Check {
  return { metric, theirs, ours, allowed: 'exact', ok: theirs === ours };
}

/** Within an absolute distance, which `why` explains. */
export function checkWithin(
  metric: string,
  theirs: number,
  ours: Value,
  distance: number,
  why: string,
): Check {
  const ok = typeof ours === 'number' && Math.abs(ours - theirs) <= distance;
  return { metric, theirs, ours, allowed: why, ok };
}

/** Shown beside each other, never a reason to fail. */
export function showOnly(metric: string, theirs: Value, ours: Value): Check {
  return { metric, theirs, ours, allowed: 'not judged', ok: true };
}

/** Ours ÷ theirs, undefined where that says nothing. */
export function ratioOf({ theirs, ours }: Check): number | undefined {
  if (typeof theirs !== 'number' || typeof ours !== 'number') return undefined;
  if (theirs === 0) return ours === 0 ? 1 : undefined;
  return ours / theirs;
}
