import { OUTCOMES } from '#core/router/decisions.ts';
import type { QueueRejectionCount } from '../cluster/rejection-tally.ts';
import { RequestStatus, type RequestTable } from '../workload/request-table.ts';

/** The reason of a request that its worker could never have served. */
export const NEVER_FITS = 'never_fits';

/** Why a request was rejected, undefined where it was not. */
export function rejectionOf(table: RequestTable, row: number): string | undefined {
  if (table.status[row] !== RequestStatus.rejected) return undefined;
  const outcome = table.rejection[row]!;
  return outcome === 0 ? NEVER_FITS : OUTCOMES[outcome]!.name;
}

/** Rejected requests by reason, in the order of the reasons' names. */
export function countRejections(table: RequestTable): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (let row = 0; row < table.count; row++) {
    const reason = rejectionOf(table, row);
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Rejections of full queues as the report has them: class, then limit. */
export function queueRejectionsByClass(
  limits: readonly QueueRejectionCount[],
): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const classes: Record<string, Record<string, number>> = {};
  for (const { policyClass, limitKind, requests } of limits) {
    classes[policyClass] = { ...classes[policyClass], [limitKind]: requests };
  }
  return classes;
}
