import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import type { RoleChange } from '../cluster/role-changes.ts';
import { NEVER } from '../workload/request-table.ts';

/** A worker that went from one pool to another; a moment that did not come in the run is absent. */
export interface RoleChangeRow {
  readonly from_pool: string;
  /** Its number in that pool; absent when it had not begun to leave. */
  readonly from_worker?: number;
  readonly to_pool: string;
  readonly to_worker?: number;
  /** When it was to go, and when it went: later where nobody else was left in its pool. */
  readonly due_ms: number;
  readonly began_ms?: number;
  /** Its last request was finished. */
  readonly drained_ms?: number;
  /** It took requests in the other pool. */
  readonly joined_ms?: number;
}

/** A row a worker that changed pools; undefined where all stay. */
export function roleChangeRows(
  changes: readonly RoleChange[] | undefined,
): readonly RoleChangeRow[] | undefined {
  return changes?.map(({ from, to, dueNs, beganNs, drainedNs, joinedNs, leaver, joiner }) => ({
    from_pool: from.name,
    ...(leaver >= 0 && { from_worker: leaver }),
    to_pool: to.name,
    ...(joiner >= 0 && { to_worker: joiner }),
    due_ms: dueNs / NS_PER_MS,
    ...moment('began_ms', beganNs),
    ...moment('drained_ms', drainedNs),
    ...moment('joined_ms', joinedNs),
  }));
}

function moment<Key extends string>(key: Key, ns: Ns): Partial<Record<Key, number>> {
  return ns === NEVER ? {} : ({ [key]: ns / NS_PER_MS } as Record<Key, number>);
}

/** Time that workers have belonged to a pool: until they join another, what that costs included. */
export function workerTime(
  changes: readonly RoleChange[],
  pool: string,
  workersAtStart: number,
  simulatedNs: Ns,
): Ns {
  let totalNs = workersAtStart * simulatedNs;
  for (const { from, to, joinedNs } of changes) {
    if (joinedNs === NEVER) continue;
    if (to.name === pool) totalNs += simulatedNs - joinedNs;
    if (from.name === pool) totalNs -= simulatedNs - joinedNs;
  }
  return totalNs;
}
