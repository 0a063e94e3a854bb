/** How a series rises: its slope and whether chance explains it. */
export interface Trend {
  /** Median of the slopes between all pairs (Theil 1950, Sen 1968), per step of the series. */
  readonly slope: number;
  /** Of Mann and Kendall: normal deviate of later values being larger; ties are accounted for. */
  readonly z: number;
}

/** The trend of equally spaced values; of n values, n²/2 pairs are looked at. */
export function robustTrend(values: readonly number[]): Trend {
  const n = values.length;
  const slopes: number[] = [];
  let s = 0;
  for (let later = 1; later < n; later++) {
    for (let earlier = 0; earlier < later; earlier++) {
      const rise = values[later]! - values[earlier]!;
      slopes.push(rise / (later - earlier));
      s += Math.sign(rise);
    }
  }
  if (slopes.length === 0) return { slope: 0, z: 0 };
  const variance = (n * (n - 1) * (2 * n + 5) - tieTerm(values)) / 18;
  const z = variance === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  return { slope: median(slopes), z };
}

/** Σ t(t−1)(2t+5) over the groups of t equal values. */
function tieTerm(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  let term = 0;
  let ties = 1;
  for (let index = 1; index <= sorted.length; index++) {
    if (sorted[index] === sorted[index - 1]) {
      ties++;
      continue;
    }
    term += ties * (ties - 1) * (2 * ties + 5);
    ties = 1;
  }
  return term;
}

function median(values: number[]): number {
  values.sort((a, b) => a - b);
  const middle = values.length >> 1;
  if (values.length % 2 === 1) return values[middle]!;
  return (values[middle - 1]! + values[middle]!) / 2;
}
