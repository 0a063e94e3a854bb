import type { TraceBatch } from '../batch.ts';
import type { LoadedTrace } from '../loaded-trace.ts';
import { type ArrivalAnalysis, analyseArrivals, arrivalHistogram } from './arrivals.ts';
import { type Distribution, describeSorted, NumberColumn } from './distribution.ts';
import { analyseReuse, type ReuseAnalysis } from './reuse.ts';
import { analyseSessions, type SessionAnalysis } from './sessions.ts';
import { smallestCacheFor, type WorkingSetPoint, workingSetCurve } from './working-set.ts';

const HISTOGRAM_BINS = 60;

/** Everything that can be said of a trace without a cluster. Absent: the trace has no such data. */
export interface TraceInspection {
  readonly trace: LoadedTrace;
  readonly traceBlockSize: number;
  readonly inputTokens: Distribution;
  readonly outputTokens: Distribution;
  readonly arrivals?: ArrivalAnalysis;
  /** Arrivals in equal spans from the first to the last. */
  readonly arrivalHistogram?: readonly number[];
  readonly sessions?: SessionAnalysis;
  readonly reuse?: ReuseAnalysis;
  readonly workingSet?: readonly WorkingSetPoint[];
  /** Fewest blocks with which LRU serves 90 % of what an infinite cache does. */
  readonly blocksFor90PercentOfCeiling?: number;
}

/** Analyses a trace; pure. `traceBlockSize` is the tokens that one hash id stands for. */
export function inspectTrace(trace: LoadedTrace, traceBlockSize: number): TraceInspection {
  const inputTokens = new NumberColumn();
  const outputTokens = new NumberColumn();
  const arrivalMs = new NumberColumn();
  for (const batch of trace.batches) {
    for (let row = 0; row < batch.count; row++) {
      inputTokens.push(batch.inputTokens[row]!);
      outputTokens.push(batch.outputTokens[row]!);
      const timestampMs = batch.timestampMs[row]!;
      if (!Number.isNaN(timestampMs)) arrivalMs.push(timestampMs);
    }
  }
  const sessions = analyseSessions(trace.batches);
  return {
    trace,
    traceBlockSize,
    inputTokens: describeSorted(inputTokens.sorted())!,
    outputTokens: describeSorted(outputTokens.sorted())!,
    ...inspectArrivals(arrivalMs.sorted()),
    ...(sessions === undefined ? {} : { sessions }),
    ...(trace.hasContent ? inspectReuse(trace.batches, traceBlockSize) : {}),
  };
}

function inspectArrivals(
  sortedMs: Float64Array,
): Pick<TraceInspection, 'arrivals' | 'arrivalHistogram'> {
  const arrivals = analyseArrivals(sortedMs);
  if (arrivals === undefined) return {};
  return { arrivals, arrivalHistogram: arrivalHistogram(sortedMs, HISTOGRAM_BINS) };
}

function inspectReuse(
  batches: readonly TraceBatch[],
  traceBlockSize: number,
): Pick<TraceInspection, 'reuse' | 'workingSet' | 'blocksFor90PercentOfCeiling'> {
  const reuse = analyseReuse(batches, traceBlockSize);
  const blocks = smallestCacheFor(reuse, 0.9);
  return {
    reuse,
    workingSet: workingSetCurve(reuse),
    ...(blocks === undefined ? {} : { blocksFor90PercentOfCeiling: blocks }),
  };
}
