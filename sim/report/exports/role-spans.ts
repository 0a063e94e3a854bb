import { NEVER } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import { workerPid } from './request-spans.ts';
import { laneNameEvent, spanEvent, type TraceEvent } from './trace-event.ts';

/** The lane of roles lies below all lanes of requests. */
const ROLE_LANE = 1_000_000;

/**
 * What each worker that changed pools was at which time: serving, draining and away in the pool that
 * it left, serving in the one that it joined.
 */
export function roleEvents({ roleChanges = [], simulatedNs }: RunResult): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const span = (name: string, target: number, fromNs: number, toNs: number): void => {
    const pid = workerPid(target);
    if (toNs > fromNs) events.push(spanEvent(name, pid, ROLE_LANE, fromNs, toNs, {}));
  };
  const orEnd = (ns: number): number => (ns === NEVER ? simulatedNs : Math.min(ns, simulatedNs));
  for (const { from, to, beganNs, drainedNs, joinedNs, leaver, joiner } of roleChanges) {
    if (beganNs === NEVER) continue;
    const left = from.firstTarget + leaver * from.ranks;
    // One that had come from elsewhere serves from when it came.
    const came = roleChanges.find((other) => other.to === from && other.joiner === leaver);
    if (came === undefined) {
      span(from.name, left, 0, beganNs);
      events.push(laneNameEvent(workerPid(left), ROLE_LANE, 'role'));
    }
    span('draining', left, beganNs, orEnd(drainedNs));
    if (drainedNs !== NEVER) span(`to ${to.name}`, left, drainedNs, orEnd(joinedNs));
    if (joinedNs === NEVER) continue;
    const joined = to.firstTarget + joiner * to.ranks;
    const next = roleChanges.find((other) => other.from === to && other.leaver === joiner);
    events.push(laneNameEvent(workerPid(joined), ROLE_LANE, 'role'));
    span(to.name, joined, joinedNs, orEnd(next?.beganNs ?? NEVER));
  }
  return events;
}
