import type { Ns } from '#core/base/time.ts';
import { NEVER } from '../../workload/request-table.ts';
import { entriesOf } from '../encodes.ts';
import type { RunResult } from '../run-result.ts';
import { Lanes } from './lanes.ts';
import { type Stay, staysOf } from './request-stays.ts';
import { flowEvent, laneNameEvent, spanEvent, type TraceEvent } from './trace-event.ts';

/** The process of the routers; target t is process t + 2. */
export const ROUTER_PID = 1;

/** Lane 0 of a worker holds its steps; requests begin here. */
const FIRST_LANE = 1;

export function workerPid(target: number): number {
  return target + 2;
}

/** A request's way through the cluster. */
interface Way {
  readonly row: number;
  /** When it came to the first router. */
  readonly arrivalNs: Ns;
  /** When it left the first router's queue, or the run or the request ended in it. */
  readonly leftNs: Ns;
  readonly stays: readonly Stay[];
  /** Where its arrow has come to: a lane that a span lies on, and its beginning. */
  readonly stops: { readonly pid: number; readonly lane: number; readonly atNs: Ns }[];
}

/**
 * Spans and arrows of requests: the router's queue, then on a lane of each worker that it came to the
 * request as a whole and in it what it did there. An arrow leads through the spans that it has, from
 * its prefill to its transfer and its decode where those are on different workers.
 */
export function requestEvents(
  result: RunResult,
  rows: Int32Array,
  runEndNs: Ns,
): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const lanesOf = new Map<number, Lanes>();
  const lane = (pid: number, fromNs: Ns, toNs: Ns): number => {
    let lanes = lanesOf.get(pid);
    if (lanes === undefined) {
      lanes = new Lanes();
      lanesOf.set(pid, lanes);
    }
    const before = lanes.count;
    const taken = lanes.take(fromNs, toNs) + FIRST_LANE;
    if (lanes.count > before) events.push(laneNameEvent(pid, taken, `requests ${taken}`));
    return taken;
  };
  const entriesNs = entriesOf(result.encode, result.requests);
  const entered = rows.filter((row) => entriesNs[row] !== NEVER);
  const ways = Array.from(entered, (row) => wayOf(result, row, entriesNs[row]!, runEndNs));
  for (const way of ways.toSorted((a, b) => a.arrivalNs - b.arrivalNs || a.row - b.row)) {
    const { row, arrivalNs, leftNs } = way;
    if (leftNs <= arrivalNs) continue;
    const queue = lane(ROUTER_PID, arrivalNs, leftNs);
    events.push(spanEvent(`queue ${row}`, ROUTER_PID, queue, arrivalNs, leftNs, { request: row }));
    if (way.stays.length > 0) events.push(flowEvent('s', row, ROUTER_PID, queue, arrivalNs));
  }
  const stays = ways.flatMap((way) => way.stays.map((stay) => ({ way, stay })));
  const byTime = stays.toSorted((a, b) => a.stay.fromNs - b.stay.fromNs || a.way.row - b.way.row);
  for (const { way, stay } of byTime) {
    const pid = workerPid(stay.target);
    const own = lane(pid, stay.fromNs, stay.toNs);
    events.push(...staySpans(stay, pid, own));
    for (const { name, fromNs } of stay.parts) {
      if (leadsThrough(way, name)) way.stops.push({ pid, lane: own, atNs: fromNs });
    }
    if (stay === way.stays.at(-1)) events.push(...arrow(way, pid, own));
  }
  return events;
}

function wayOf(result: RunResult, row: number, arrivalNs: Ns, runEndNs: Ns): Way {
  const { requests } = result;
  const stays = staysOf(result, row, runEndNs);
  const terminalNs = requests.terminalNs[row]!;
  const endNs = terminalNs === NEVER ? runEndNs : terminalNs;
  const leftNs = stays[0]?.fromNs ?? endNs;
  return { row, arrivalNs, leftNs, stays, stops: [] };
}

function staySpans(stay: Stay, pid: number, lane: number): readonly TraceEvent[] {
  const { row, fromNs, toNs, parts, args } = stay;
  return [
    spanEvent(`request ${row}`, pid, lane, fromNs, toNs, args),
    ...parts.map((part) => spanEvent(part.name, pid, lane, part.fromNs, part.toNs, {})),
  ];
}

/** Between two workers the arrow goes by what the request did, not by what was kept for it. */
function leadsThrough({ stays }: Way, part: string): boolean {
  return stays.length === 1 || part === 'prefill' || part === 'transfer' || part === 'decode';
}

/** The arrow of a request through its spans; one span alone has none. */
function arrow(way: Way, pid: number, lane: number): readonly TraceEvent[] {
  const { row, arrivalNs, leftNs, stays } = way;
  const queued = leftNs > arrivalNs;
  // Where nothing took time on the worker, the arrow out of the queue ends with the request's span.
  const nowhere = way.stops.length === 0 && queued;
  const stops = nowhere
    ? [{ pid, lane, atNs: stays[0]!.fromNs }]
    : way.stops.toSorted((a, b) => a.atNs - b.atNs);
  if (stops.length === 1 && !queued) return [];
  return stops.map((stop, index) => {
    const phase = index === stops.length - 1 ? 'f' : index === 0 && !queued ? 's' : 't';
    return flowEvent(phase, row, stop.pid, stop.lane, stop.atNs);
  });
}
