import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { CapFacts, MomentSpan } from '../workload/capped-loop.ts';
import { NEVER, type RequestTable } from '../workload/request-table.ts';
import { isCompleted } from './latency.ts';
import { describeSamples, type Statistics } from './statistics.ts';

/** What a cap on an open loop did. Rates and the binding share are those of the whole run. */
export interface CapSummary {
  readonly max_concurrency: number;
  /** First turns: gaps between due times over the time that they span, what the traffic asks for. */
  readonly offered_rps?: number;
  /** The same of the times at which requests were sent. */
  readonly achieved_rps?: number;
  /** Part of the time, from the first due moment to the last send, in which a request had to wait. */
  readonly binding_ratio?: number;
  /** Requests that were not sent when they were due. */
  readonly delayed: number;
  /** From due to sent, of requests that were sent; 0 for those that did not wait. */
  readonly delay_ms: Statistics;
  /** TTFT as a client without the cap counts it: from the due time. */
  readonly due_ttft_ms: Statistics;
}

/** Sums up a cap; `table` holds the requests that count. */
export function summariseCap(facts: CapFacts, table: RequestTable): CapSummary {
  const delays: number[] = [];
  const dueTtft: number[] = [];
  for (let row = 0; row < table.count; row++) {
    if (table.arrivalNs[row] === NEVER) continue;
    const dueNs = table.dueNs[row]!;
    delays.push((table.arrivalNs[row]! - dueNs) / NS_PER_MS);
    if (!isCompleted(table, row) || table.firstTokenNs[row] === NEVER) continue;
    dueTtft.push((table.firstTokenNs[row]! - dueNs + table.frontendNs) / NS_PER_MS);
  }
  const { spanNs } = facts;
  const offered = rate(facts.due);
  const achieved = rate(facts.sent);
  return {
    max_concurrency: facts.maxConcurrency,
    ...(offered !== undefined && { offered_rps: offered }),
    ...(achieved !== undefined && { achieved_rps: achieved }),
    ...(spanNs > 0 && { binding_ratio: facts.bindingNs / spanNs }),
    delayed: delays.filter((delay) => delay > 0).length,
    delay_ms: describeSamples(Float64Array.from(delays)),
    due_ttft_ms: describeSamples(Float64Array.from(dueTtft)),
  };
}

/** Moments per second from the first to the last; undefined where no time passed. */
function rate({ count, firstNs, lastNs }: MomentSpan): number | undefined {
  return lastNs > firstNs ? ((count - 1) * NS_PER_S) / (lastNs - firstNs) : undefined;
}
