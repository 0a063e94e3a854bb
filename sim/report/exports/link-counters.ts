import type { Timeline } from '../../cluster/timeline.ts';
import type { RunResult } from '../run-result.ts';
import { crossedLinks } from '../series/link-series.ts';
import { workerPid } from './request-spans.ts';
import { counterEvent, processEvents, type TraceEvent } from './trace-event.ts';

/**
 * A process for the links that transfers share, with the GB/s of each that anything has crossed: the
 * mean between two of the samples `rows`, drawn from the first of them on.
 */
export function linkEvents(
  { links = [] }: RunResult,
  timeline: Timeline,
  rows: readonly number[],
): readonly TraceEvent[] {
  const shown = crossedLinks(links);
  if (shown.length === 0) return [];
  const pid = workerPid(timeline.targets);
  const events = [...processEvents(pid, 'links', timeline.targets + 1)];
  let before = -1;
  for (const row of rows) {
    const fromNs = before < 0 ? 0 : timeline.timeNs[before]!;
    const spanNs = timeline.timeNs[row]! - fromNs;
    for (const link of spanNs > 0 ? shown : []) {
      const bytes = (at: number): number =>
        at < 0 ? 0 : timeline.linkBytes[at * timeline.links + link]!;
      const rate = (bytes(row) - bytes(before)) / spanNs;
      events.push(counterEvent(links[link]!.name, pid, fromNs, { gb_s: rate }));
    }
    before = row;
  }
  return events;
}
