import { meanLength } from '../estimate/lengths.ts';
import type { LoadPoint } from '../estimate/load-point.ts';
import type { MeasuredRow, MeasuredWorkload } from '../estimate/measured/measured-row.ts';
import type { Truth } from './truth.ts';

/** Shares of their time that requests of a saturated server wait, and of the load that it leaves. */
const WAITING_SHARE = 0.1;
const SERVED_SHARE = 0.95;

/**
 * Whether a point was measured saturated: it completed less than was offered, or its requests
 * waited for more than a tenth of their time before their own prefill of `prefillMs`. Undefined
 * where the row does not say, and of a batch that is handed over at once: nothing is offered to it.
 */
export function measuredSaturated(
  { workload, metrics }: MeasuredRow,
  truth: Truth,
  point: LoadPoint,
  prefillMs: number,
): boolean | undefined {
  if (isBatch(workload)) return undefined;
  const { ttftMs } = truth;
  const rate = metrics?.req_s;
  const offered = workload.request_rate;
  if (workload.kind === 'open-loop' && typeof offered === 'number' && typeof rate === 'number') {
    if (rate < SERVED_SHARE * offered) return true;
  }
  return ttftMs === undefined ? undefined : waits(truth, point, prefillMs);
}

/** Whether requests wait for more than a tenth of their time before their own prefill. */
export function waits(
  { ttftMs = 0, tpotMs = 0, e2eMs }: Truth,
  { osl, host }: LoadPoint,
  prefillMs: number,
): boolean {
  const wholeMs = e2eMs ?? ttftMs + tpotMs * (meanLength(osl) - 1);
  return ttftMs - prefillMs - host.frontendMs > WAITING_SHARE * wholeMs;
}

/** Whether all requests of a point were handed over as one batch, whose prompts are one piece of work. */
export function isBatch({ kind }: Pick<MeasuredWorkload, 'kind'>): boolean {
  return kind.endsWith('-batch');
}

/** Whether its TTFT is that of prompts that are computed, not the end of a queue. */
export function tellsTtft(
  workload: Pick<MeasuredWorkload, 'kind'>,
  saturated: boolean | undefined,
): boolean {
  return isBatch(workload) || saturated === false;
}
