import type { MeasuredRow, MeasuredWorkload } from '../estimate/measured/measured-row.ts';
import type { Truth } from './truth.ts';

/** Beyond the least TTFT of their sweep, requests of a saturated server wait for more of their time. */
const WAITING_SHARE = 0.1;

/** Before its first token a request waits for others, whatever its sweep says, for more of its time. */
const QUEUE_SHARE = 0.5;

/** Of an open loop's rate, what a server completes that falls behind it, at most. */
const SERVED_SHARE = 0.95;

/** What the clients of a point saw, measured or flown. */
export interface Seen {
  readonly row: MeasuredRow;
  readonly truth: Truth;
  /** Tokens of an answer, where no E2E is known. */
  readonly meanOutput: number;
}

/**
 * Whether each point is saturated, by what clients see alone, so that one rule judges measurements
 * and flights: it completes less than is offered; or its TTFT exceeds the least one of its sweep by
 * more than a tenth of its requests' time; or it is more than half of that time, which needs no
 * neighbours. A sweep is one server with prompts of one length, under any load and with any answers.
 * Undefined without a TTFT, and of batches that are handed over at once: nothing is offered to them.
 */
export function saturations(points: readonly Seen[]): (boolean | undefined)[] {
  const least = new Map<string, number>();
  for (const { row, truth } of points) {
    if (truth.ttftMs === undefined || isBatch(row.workload)) continue;
    const sweep = sweepOf(row);
    least.set(sweep, Math.min(least.get(sweep) ?? Number.POSITIVE_INFINITY, truth.ttftMs));
  }
  return points.map((point) => {
    if (isBatch(point.row.workload)) return undefined;
    if (fallsBehind(point)) return true;
    const { ttftMs } = point.truth;
    if (ttftMs === undefined) return undefined;
    const wholeMs = wholeMsOf(point, ttftMs);
    const waitedMs = ttftMs - least.get(sweepOf(point.row))!;
    return waitedMs > WAITING_SHARE * wholeMs || ttftMs > QUEUE_SHARE * wholeMs;
  });
}

function fallsBehind({ row: { workload }, truth: { requestsPerS } }: Seen): boolean {
  const offered = workload.request_rate;
  if (workload.kind !== 'open-loop' || typeof offered !== 'number') return false;
  return requestsPerS !== undefined && requestsPerS < SERVED_SHARE * offered;
}

function wholeMsOf({ truth: { e2eMs, tpotMs = 0 }, meanOutput }: Seen, ttftMs: number): number {
  return e2eMs ?? ttftMs + tpotMs * (meanOutput - 1);
}

/** Names the sweep of a row: all that a lone request's first token depends on. */
function sweepOf(row: MeasuredRow): string {
  const { family, model, gpu, tp, pp, ep, engine, engine_version, precision, server } = row;
  const { kind, isl, isl_nominal, isl_mean, isl_max, isl_dist, dataset } = row.workload;
  return JSON.stringify([
    [family, model, gpu, tp, pp, ep, engine, engine_version, precision, server],
    [kind, isl ?? isl_nominal ?? isl_mean ?? isl_max, isl_dist, dataset],
  ]);
}

/** Whether all requests of a point were handed over as one batch, whose prompts are one piece of work. */
function isBatch({ kind }: Pick<MeasuredWorkload, 'kind'>): boolean {
  return kind.endsWith('-batch');
}

/** Whether its TTFT is that of prompts that are computed, not the end of a queue. */
export function tellsTtft(
  workload: Pick<MeasuredWorkload, 'kind'>,
  saturated: boolean | undefined,
): boolean {
  return isBatch(workload) || saturated === false;
}
