import { RequestStatus, type RequestTable } from '#sim/workload/request-table.ts';
import type { Outcome } from '../fly.ts';
import { type Check, checkWithin } from './check.ts';

/** What a leap may cost a pass, nanoseconds. */
const NS_PER_PASS = 1;

/** Where a nanosecond turned an order around, the means may differ by this share. */
const MEAN_SHARE = 0.001;

const MEANS = [
  'mean_ttft_ms',
  'mean_tpot_ms',
  'mean_itl_ms',
  'mean_e2e_latency_ms',
  'duration_ms',
  'output_throughput_tok_s',
];

/** How flying with the leap compares with stepping every pass, same seed. */
export interface LeapVerdict {
  /** Which of the two bounds held. */
  readonly held: 'each request' | 'means' | 'neither';
  /** Largest difference of one moment of one request, and the bound at that moment, nanoseconds. */
  readonly worstNs: number;
  readonly boundNs: number;
  /** The means, when requests differ beyond their bound. */
  readonly means: readonly Check[];
}

/**
 * Judges a leaping flight by the exact one. Every moment of every request must lie within 1 ns for
 * each pass that its worker can have made until then, which is at most the time so far divided by
 * the shortest gap between two tokens. Otherwise the means must agree within 0.1 %.
 */
export function judgeLeap(exact: Outcome, leap: Outcome): LeapVerdict {
  const shortestNs = exact.result.itlNs.min ?? 0;
  const passesUntil = (ns: number): number => {
    const fit = shortestNs > 0 ? Math.ceil(ns / shortestNs) + 1 : Number.POSITIVE_INFINITY;
    return Math.min(exact.result.passes, fit);
  };
  const worst = worstDifference(exact.result.requests, leap.result.requests, passesUntil);
  if (worst.excess <= 0) return { held: 'each request', ...worst, means: [] };
  const means = MEANS.map((metric) => {
    const theirs = exact.summary[metric]!;
    const distance = MEAN_SHARE * Math.abs(theirs);
    return checkWithin(`leap ${metric}`, theirs, leap.summary[metric], distance, '0.1 %');
  });
  const held = means.every((check) => check.ok) ? 'means' : 'neither';
  return { held, worstNs: worst.worstNs, boundNs: worst.boundNs, means };
}

interface Worst {
  readonly worstNs: number;
  readonly boundNs: number;
  /** How far beyond its bound the worst moment lies. */
  readonly excess: number;
}

function worstDifference(
  exact: RequestTable,
  leap: RequestTable,
  passesUntil: (ns: number) => number,
): Worst {
  let worst: Worst = { worstNs: 0, boundNs: 0, excess: 0 };
  const columns = ['firstTokenNs', 'secondTokenNs', 'lastTokenNs', 'terminalNs'] as const;
  for (let row = 0; row < exact.count; row++) {
    // What is under way when a run is cut off has no row in a report.
    if (!hasEnded(exact, row) && !hasEnded(leap, row)) continue;
    const sameEnd = exact.status[row] === leap.status[row];
    for (const column of columns) {
      const at = exact[column][row]!;
      const worstNs = sameEnd ? Math.abs(at - leap[column][row]!) : Number.POSITIVE_INFINITY;
      if (worstNs === 0) continue;
      const boundNs = NS_PER_PASS * passesUntil(at);
      const excess = worstNs - boundNs;
      const graver = worst.worstNs === 0 || excess > worst.excess;
      if (graver) worst = { worstNs, boundNs, excess };
    }
  }
  return worst;
}

function hasEnded({ status }: RequestTable, row: number): boolean {
  return status[row] === RequestStatus.completed || status[row] === RequestStatus.rejected;
}
