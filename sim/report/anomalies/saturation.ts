import { NS_PER_MS } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';
import { robustTrend } from './robust-slope.ts';
import { countUntil } from './sorted-moments.ts';

/** Moments at which the queue is counted. */
const MOMENTS = 41;
/** All three bounds must be passed: growth beyond chance, felt by many, and a part of the traffic. */
const DEVIATIONS = 3.29;
const GROWTH_REQUESTS = 10;
const GROWTH_SHARE_OF_ARRIVALS = 0.05;

/**
 * Saturation: from the first arrival to the last the queue grows, so more comes in than is served.
 * Requests that have arrived and were not admitted yet are counted at 41 moments; the slope is the
 * median of all pairs (Theil–Sen), its significance that of Mann–Kendall, 3.29 standard deviations
 * (1 in 2,000 by chance, one-sided). The growth must be 10 requests and 5 % of the arrivals.
 */
export function findSaturation({ requests }: RunResult): Finding | undefined {
  const arrivals = sortedMoments(requests, requests.arrivalNs);
  const count = arrivals.length;
  if (count < GROWTH_REQUESTS) return undefined;
  const firstNs = arrivals[0]!;
  const spanNs = arrivals[count - 1]! - firstNs;
  if (spanNs <= 0) return undefined;
  const leaves = sortedMoments(requests, leaveMoments(requests));
  const queue = Array.from({ length: MOMENTS }, (_, index) => {
    const atNs = firstNs + (spanNs * index) / (MOMENTS - 1);
    return countUntil(arrivals, atNs) - countUntil(leaves, atNs);
  });
  const { slope, z } = robustTrend(queue);
  const growth = slope * (MOMENTS - 1);
  const isSaturated =
    z >= DEVIATIONS && growth >= GROWTH_REQUESTS && growth >= count * GROWTH_SHARE_OF_ARRIVALS;
  if (!isSaturated) return undefined;
  return {
    count: 1,
    evidence: {
      threshold: {
        deviations: DEVIATIONS,
        growth: GROWTH_REQUESTS,
        growth_share_of_arrivals: GROWTH_SHARE_OF_ARRIVALS,
      },
      worst: {
        from_ms: firstNs / NS_PER_MS,
        to_ms: (firstNs + spanNs) / NS_PER_MS,
        queue_at_last_arrival: queue.at(-1)!,
        slope_rps: (growth / spanNs) * 1e9,
        growth_share_of_arrivals: growth / count,
        deviations: z,
      },
    },
  };
}

/** When a request stopped waiting: admitted, or ended without. */
function leaveMoments({ count, firstAdmitNs, terminalNs }: RequestTable): Float64Array {
  return Float64Array.from({ length: count }, (_, row) =>
    firstAdmitNs[row] === NEVER ? terminalNs[row]! : firstAdmitNs[row]!,
  );
}

function sortedMoments({ count }: RequestTable, column: Float64Array): Float64Array {
  return column
    .subarray(0, count)
    .filter((ns) => ns !== NEVER)
    .sort();
}
