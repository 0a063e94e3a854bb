import type { TraceBatch } from '../../batch.ts';
import { NumberColumn } from '../../inspect/distribution.ts';
import { analyseReuse } from '../../inspect/reuse.ts';
import { workingSetCurve } from '../../inspect/working-set.ts';
import { coefficientOfVariation, RATE_PARTS, rateShape } from './fit-arrivals.ts';
import { type QuantileTable, valueAt } from './quantiles.ts';
import type { TraceFit } from './trace-fit.ts';

/** Values that stand for a table when samples are compared. */
const SAMPLES = 4_096;

/** The hit ratio of an LRU cache by its size, ascending. */
export type HitCurve = readonly (readonly [blocks: number, hitRatio: number])[];

/** What two traces are compared by; numbers ascend, empty = the trace has no such data. */
export interface Marginals {
  readonly requests: number;
  readonly inputTokens: Float64Array;
  readonly outputTokens: Float64Array;
  readonly turns: Float64Array;
  readonly thinkMs: Float64Array;
  /** Between the begins of sessions and of requests without one. */
  readonly gapsMs: Float64Array;
  readonly gapCv: number | undefined;
  readonly rateShape: readonly number[] | undefined;
  readonly hitCurve: HitCurve | undefined;
}

/** Gathers what a trace is compared by. */
export function marginalsOf(
  batches: readonly TraceBatch[],
  hasContent: boolean,
  blockSize: number,
): Marginals {
  const input = new NumberColumn();
  const output = new NumberColumn();
  const think = new NumberColumn();
  const begins = new NumberColumn();
  const sessions = new Map<string, { turns: number; timestampMs: number }>();
  let requests = 0;
  for (const batch of batches) {
    requests += batch.count;
    for (let row = 0; row < batch.count; row++) {
      input.push(batch.inputTokens[row]!);
      output.push(batch.outputTokens[row]!);
      const timestampMs = batch.timestampMs[row]!;
      const session = batch.sessionId[row];
      const before = session === undefined ? undefined : sessions.get(session);
      if (before !== undefined) {
        const delayMs = batch.delayMs[row]!;
        const pauseMs = Number.isNaN(delayMs) ? timestampMs - before.timestampMs : delayMs;
        if (pauseMs >= 0) think.push(pauseMs);
      } else if (!Number.isNaN(timestampMs)) begins.push(timestampMs);
      if (session !== undefined) {
        sessions.set(session, { turns: (before?.turns ?? 0) + 1, timestampMs });
      }
    }
  }
  return {
    requests,
    inputTokens: input.sorted(),
    outputTokens: output.sorted(),
    turns: Float64Array.from([...sessions.values()], ({ turns }) => turns).sort(),
    thinkMs: think.sorted(),
    ...arrivalMarginals(begins.sorted()),
    hitCurve: hasContent ? hitCurveOf(batches, blockSize) : undefined,
  };
}

/** The same of the trace that a fit was made of, from its tables. */
export function marginalsOfFit(fit: TraceFit): Marginals {
  const { arrivals, sessions } = fit;
  return {
    requests: fit.requests,
    inputTokens: samplesOf(fit.input_tokens),
    outputTokens: samplesOf(fit.output_tokens_all),
    turns: samplesOf(sessions?.turns),
    thinkMs: samplesOf(sessions?.think_ms),
    gapsMs: samplesOf(arrivals?.gap_ms),
    gapCv: arrivals?.gap_cv,
    rateShape: arrivals?.rate_shape,
    hitCurve: fit.hit_ratio_curve,
  };
}

/** The working-set curve of a trace. */
export function hitCurveOf(batches: readonly TraceBatch[], blockSize: number): HitCurve {
  const curve = workingSetCurve(analyseReuse(batches, blockSize));
  return curve.map(({ blocks, hitRatio }) => [blocks, hitRatio] as const);
}

function arrivalMarginals(
  beginMs: Float64Array,
): Pick<Marginals, 'gapsMs' | 'gapCv' | 'rateShape'> {
  const last = beginMs.length - 1;
  if (last < 1 || beginMs[last] === beginMs[0]) {
    return { gapsMs: new Float64Array(0), gapCv: undefined, rateShape: undefined };
  }
  return {
    gapsMs: gapsOf(beginMs),
    gapCv: coefficientOfVariation(beginMs),
    rateShape: rateShape(beginMs, RATE_PARTS),
  };
}

/** The gaps between ascending times, in ascending order. */
export function gapsOf(sortedMs: Float64Array): Float64Array {
  const gaps = sortedMs.subarray(1).map((timeMs, index) => timeMs - sortedMs[index]!);
  return gaps.sort();
}

function samplesOf(table: QuantileTable | undefined): Float64Array {
  if (table === undefined) return new Float64Array(0);
  return Float64Array.from({ length: SAMPLES }, (_, index) =>
    Math.round(valueAt(table, (index + 0.5) / SAMPLES)),
  );
}
