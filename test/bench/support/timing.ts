/** Several runs of the same work, in milliseconds of wall time. */
export interface Timing {
  readonly bestMs: number;
  readonly medianMs: number;
}

export function timingOf(runsMs: readonly number[]): Timing {
  const sorted = [...runsMs].sort((a, b) => a - b);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  return { bestMs: sorted[0] ?? Number.NaN, medianMs: (lower + upper) / 2 };
}

/**
 * Times every body `runs` times after `warmups` untimed rounds. The bodies take turns, so that a
 * busy minute of the machine hits all of them alike.
 */
export function measureInTurns(
  bodies: readonly (() => void)[],
  runs: number,
  warmups: number,
): readonly Timing[] {
  const runsMs: number[][] = bodies.map(() => []);
  for (let round = -warmups; round < runs; round++) {
    for (const [index, body] of bodies.entries()) {
      const start = performance.now();
      body();
      if (round >= 0) runsMs[index]?.push(performance.now() - start);
    }
  }
  return runsMs.map(timingOf);
}

/** Times one body alone. */
export function measure(body: () => void, runs: number, warmups: number): Timing {
  const [timing] = measureInTurns([body], runs, warmups);
  if (timing === undefined) throw new Error('nothing was measured');
  return timing;
}
