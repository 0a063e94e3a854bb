import type { Expected, Spread } from '../golden.ts';
import { isSpread } from '../golden.ts';

/**
 * Further runs of the real replay, on 2026-11-21 and, with SGLang, 2026-11-26, of cases whose five
 * recorded runs happened to lie close together: the spread that they show is a fraction of the true
 * one.
 */
const FURTHER_RUNS: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
  'conv-vllm-64w-kv-16384b-poly-x10': {
    mean_ttst_ms: [
      12.1842, 12.2235, 12.0539, 11.695, 12.1533, 12.0922, 11.9262, 12.2332, 12.0957, 12.1023,
    ],
  },
  'conv-vllm-16w-kv-16384b-poly-x4-credit0.5': {
    mean_ttst_ms: [
      40.721, 40.9099, 41.4197, 41.008, 41.017, 41.2447, 40.3974, 41.3432, 40.869, 40.0553,
    ],
  },
  'conv-sglang-64w-kv-16384b-poly-x10': {
    mean_tpot_ms: [7.1993, 7.2436, 7.1813, 7.2799, 7.086, 7.2704, 7.1438, 7.1724, 7.1456, 7.1878],
  },
};

/** A recorded summary with the further runs of the case, if there are any, taken into its spreads. */
export function withFurtherRuns(
  name: string,
  theirs: Readonly<Record<string, Expected>>,
  recordedRuns: number,
): Readonly<Record<string, Expected>> {
  const merged: Record<string, Expected> = { ...theirs };
  for (const [metric, values] of Object.entries(FURTHER_RUNS[name] ?? {})) {
    const recorded = theirs[metric];
    if (isSpread(recorded)) merged[metric] = pool(recorded, recordedRuns, values);
  }
  return merged;
}

/** Mean and sample standard deviation of the recorded and the further runs together. */
export function pool(recorded: Spread, recordedRuns: number, values: readonly number[]): Spread {
  const runs = recordedRuns + values.length;
  const sum = values.reduce((total, value) => total + value, recordedRuns * recorded.mean);
  const mean = sum / runs;
  const around = (value: number): number => (value - mean) ** 2;
  const recordedSquares =
    (recordedRuns - 1) * recorded.std ** 2 + recordedRuns * around(recorded.mean);
  const squares = values.reduce((total, value) => total + around(value), recordedSquares);
  return {
    mean,
    std: Math.sqrt(squares / (runs - 1)),
    min: Math.min(recorded.min, ...values),
    max: Math.max(recorded.max, ...values),
    runs,
  };
}
