import { NEVER } from '../../workload/request-table.ts';
import type { RunResult } from '../run-result.ts';
import { Lanes } from './lanes.ts';
import { workerPid } from './request-spans.ts';
import { laneNameEvent, processEvents, spanEvent, type TraceEvent } from './trace-event.ts';

/** Spans that the items of one request take at most. */
export const EVENTS_PER_ENCODING = 3;

/**
 * A process for each worker that encodes, behind those of all targets, and on its lanes the requests
 * with their wait for a pass and the passes that their items were in. Who found everything encoded
 * takes no time and is not drawn.
 */
export function encodeEvents(result: RunResult, rows: Int32Array): readonly TraceEvent[] {
  const { encode, requests, tallies } = result;
  if (encode === undefined) return [];
  const { table, name, workers } = encode;
  const events: TraceEvent[] = [];
  const lanesOf = Array.from({ length: workers }, () => new Lanes());
  for (let encoder = 0; encoder < workers; encoder++) {
    const target = tallies.length + encoder;
    events.push(...processEvents(workerPid(target), `${name} worker ${encoder}`, target + 1));
  }
  const { arrivalNs } = requests;
  const drawn = rows.filter((row) => {
    return (
      table.has(row) && table.encodedNs[row] !== NEVER && table.encodedNs[row]! > arrivalNs[row]!
    );
  });
  for (const row of drawn.toSorted((a, b) => arrivalNs[a]! - arrivalNs[b]! || a - b)) {
    const encoder = table.encoder[row]!;
    const [fromNs, startNs, toNs] = [arrivalNs[row]!, table.startNs[row]!, table.encodedNs[row]!];
    const pid = workerPid(tallies.length + encoder);
    const lanes = lanesOf[encoder]!;
    const before = lanes.count;
    const lane = lanes.take(fromNs, toNs);
    if (lanes.count > before) events.push(laneNameEvent(pid, lane, `requests ${lane + 1}`));
    const args = { request: row, items: table.items[row]!, cached: table.cached[row]! };
    events.push(spanEvent(`request ${row}`, pid, lane, fromNs, toNs, args));
    if (startNs > fromNs) events.push(spanEvent('wait', pid, lane, fromNs, startNs, {}));
    if (toNs > startNs) events.push(spanEvent('encode', pid, lane, startNs, toNs, {}));
  }
  return events;
}
