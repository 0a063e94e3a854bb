import { NS_PER_MS } from '#core/base/time.ts';
import type { FlownRecording } from './fly-recorded.ts';
import type { RecordedRun } from './recorded-run.ts';

/** A latency over the requests of a run, or over all gaps: milliseconds. */
export interface Spread {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/** What was measured and what was flown, of one kind of latency. */
export interface Compared {
  readonly measured: Spread;
  readonly flown: Spread;
}

/** A recording beside its flight. */
export interface RecordingComparison {
  readonly name: string;
  readonly requests: number;
  readonly ttft_ms: Compared;
  /** A request's mean gap between tokens. */
  readonly tpot_ms: Compared;
  /** Every gap; absent where tokens were not timed. */
  readonly itl_ms?: Compared;
  readonly e2e_ms: Compared;
  /** Absent where the recording does not say what was cached. */
  readonly cached?: {
    readonly measured: number;
    readonly flown: number;
    readonly differing: number;
  };
  /** Prompt tokens that the flight computed, those computed again included. */
  readonly prefill_tokens: number;
  readonly preemptions: number;
}

/** Compares what clients saw with what the flight of their requests says. */
export function compareRecording(
  { name, records }: Pick<RecordedRun, 'name' | 'records'>,
  flown: FlownRecording,
): RecordingComparison {
  const answered = (values: Float64Array) => [...values].filter((ms) => !Number.isNaN(ms));
  const tpot = records
    .filter(({ osl }) => osl > 1)
    .map(({ ttftMs, e2eMs, osl }) => (e2eMs - ttftMs) / (osl - 1));
  const gaps = records.flatMap(({ gapsMs = [] }) => gapsMs);
  const cached = records.every(({ cachedTokens }) => cachedTokens !== undefined)
    ? cachedOf(
        records.map(({ cachedTokens }) => cachedTokens!),
        flown.cachedTokens,
      )
    : undefined;
  return {
    name,
    requests: records.length,
    ttft_ms: {
      measured: spreadOf(records.map(({ ttftMs }) => ttftMs)),
      flown: spreadOf(answered(flown.ttftMs)),
    },
    tpot_ms: { measured: spreadOf(tpot), flown: spreadOf(answered(flown.tpotMs)) },
    ...(gaps.length > 0 && {
      itl_ms: { measured: spreadOf(gaps), flown: flownGaps(flown, records) },
    }),
    e2e_ms: {
      measured: spreadOf(records.map(({ e2eMs }) => e2eMs)),
      flown: spreadOf(answered(flown.e2eMs)),
    },
    ...(cached !== undefined && { cached }),
    prefill_tokens: flown.result.committedPrefillTokens,
    preemptions: flown.result.preemptions,
  };
}

function cachedOf(measured: readonly number[], flown: Int32Array) {
  const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0);
  return {
    measured: sum(measured),
    flown: sum(flown),
    differing: measured.filter((tokens, index) => tokens !== flown[index]).length,
  };
}

/** Mean from the requests, exact; quantiles from the run's sketch. */
function flownGaps({ tpotMs, result }: FlownRecording, records: RecordedRun['records']): Spread {
  let gaps = 0;
  let sum = 0;
  records.forEach(({ osl }, row) => {
    if (osl < 2) return;
    gaps += osl - 1;
    sum += tpotMs[row]! * (osl - 1);
  });
  const at = (share: number) => (result.itlNs.quantile(share) ?? Number.NaN) / NS_PER_MS;
  return { mean: sum / gaps, p50: at(0.5), p99: at(0.99) };
}

/** Nearest ranks. Without values every figure is NaN. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.round((sorted.length - 1) * share)] ?? Number.NaN;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
  return { mean, p50: rank(0.5), p99: rank(0.99) };
}
