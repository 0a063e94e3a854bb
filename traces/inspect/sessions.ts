import type { TraceBatch } from '../batch.ts';
import { type Distribution, describeSorted, NumberColumn } from './distribution.ts';

/** How requests belong together. */
export interface SessionAnalysis {
  readonly sessions: number;
  readonly requestsWithoutSession: number;
  readonly turns?: Distribution;
  /** Think times that the trace states, over later turns. */
  readonly delayMs?: Distribution;
}

/** Counts the turns of each session; undefined when the trace names no session. */
export function analyseSessions(batches: readonly TraceBatch[]): SessionAnalysis | undefined {
  const turnsOf = new Map<string, number>();
  const delays = new NumberColumn();
  let alone = 0;
  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++) {
      const session = batch.sessionId[row];
      if (session === undefined) {
        alone++;
        continue;
      }
      const turn = turnsOf.get(session) ?? 0;
      turnsOf.set(session, turn + 1);
      if (turn > 0 && !Number.isNaN(batch.delayMs[row]!)) delays.push(batch.delayMs[row]!);
    }
  }
  if (turnsOf.size === 0) return undefined;
  const turns = describeSorted(Float64Array.from(turnsOf.values()).sort());
  const delayMs = describeSorted(delays.sorted());
  return {
    sessions: turnsOf.size,
    requestsWithoutSession: alone,
    ...(turns === undefined ? {} : { turns }),
    ...(delayMs === undefined ? {} : { delayMs }),
  };
}
