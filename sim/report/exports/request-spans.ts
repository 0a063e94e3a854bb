import { NS_PER_MS, type Ns } from '#core/base/time.ts';
import { NEVER, RequestStatus, type RequestTable } from '../../workload/request-table.ts';
import { statusName } from '../request-rows.ts';
import { Lanes } from './lanes.ts';
import { flowEvent, laneNameEvent, spanEvent, type TraceEvent } from './trace-event.ts';

/** The process of the router; target t is process t + 2. */
export const ROUTER_PID = 1;

/** Lane 0 of a worker holds its steps; requests begin here. */
const FIRST_LANE = 1;

export function workerPid(target: number): number {
  return target + 2;
}

/** A request's way in moments, those that did not come left out at the end. */
interface Way {
  readonly row: number;
  readonly arrivalNs: Ns;
  readonly routedNs: Ns;
  readonly admitNs: Ns;
  readonly firstTokenNs: Ns;
  /** Its end, or that of the run. */
  readonly endNs: Ns;
}

/**
 * Spans and arrows of requests: the router's queue, then on a lane of the worker the request as a
 * whole and in it wait, prefill and decode. An arrow leads through the spans that it has.
 */
export function requestEvents(
  requests: RequestTable,
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
  const ways = Array.from(rows, (row) => wayOf(requests, row, runEndNs));
  for (const way of ways.toSorted((a, b) => a.arrivalNs - b.arrivalNs || a.row - b.row)) {
    const { row, arrivalNs } = way;
    const leftNs = way.routedNs === NEVER ? way.endNs : way.routedNs;
    if (leftNs <= arrivalNs) continue;
    const queue = lane(ROUTER_PID, arrivalNs, leftNs);
    events.push(spanEvent(`queue ${row}`, ROUTER_PID, queue, arrivalNs, leftNs, { request: row }));
    if (way.routedNs !== NEVER) events.push(flowEvent('s', row, ROUTER_PID, queue, arrivalNs));
  }
  const routed = ways.filter(({ routedNs }) => routedNs !== NEVER);
  for (const way of routed.toSorted((a, b) => a.routedNs - b.routedNs || a.row - b.row)) {
    const pid = workerPid(requests.worker[way.row]!);
    const own = lane(pid, way.routedNs, way.endNs);
    events.push(...workerSpans(requests, way, pid, own));
  }
  return events;
}

function wayOf(requests: RequestTable, row: number, runEndNs: Ns): Way {
  const terminalNs = requests.terminalNs[row]!;
  return {
    row,
    arrivalNs: requests.arrivalNs[row]!,
    routedNs: requests.worker[row]! < 0 ? NEVER : requests.routedNs[row]!,
    admitNs: requests.firstAdmitNs[row]!,
    firstTokenNs: requests.firstTokenNs[row]!,
    endNs: terminalNs === NEVER ? runEndNs : terminalNs,
  };
}

function workerSpans(
  requests: RequestTable,
  way: Way,
  pid: number,
  lane: number,
): readonly TraceEvent[] {
  const { row, arrivalNs, routedNs, admitNs, firstTokenNs, endNs } = way;
  const orEnd = (ns: Ns): Ns => (ns === NEVER ? endNs : ns);
  const parts = [
    { name: 'wait', fromNs: routedNs, toNs: orEnd(admitNs) },
    ...(admitNs === NEVER ? [] : [{ name: 'prefill', fromNs: admitNs, toNs: orEnd(firstTokenNs) }]),
    ...(firstTokenNs === NEVER ? [] : [{ name: 'decode', fromNs: firstTokenNs, toNs: endNs }]),
  ].filter(({ fromNs, toNs }) => toNs > fromNs);
  const args = {
    request: row,
    trace_line: requests.line[row]!,
    input_tokens: requests.inputTokens[row]!,
    output_tokens: requests.outputTokens[row]!,
    reused_input_tokens: requests.firstReusedTokens[row]!,
    admissions: requests.admissions[row]!,
    e2e_ms: (endNs - arrivalNs) / NS_PER_MS,
    ...(requests.status[row]! >= RequestStatus.cancelled && { status: statusName(requests, row) }),
    ...(requests.attempt[row] && { attempt: requests.attempt[row]! + 1 }),
  };
  const queued = routedNs > arrivalNs;
  // Where nothing took time on the worker, the arrow out of the queue ends with the request's span.
  const starts = parts.length === 0 && queued ? [routedNs] : parts.map(({ fromNs }) => fromNs);
  return [
    spanEvent(`request ${row}`, pid, lane, routedNs, endNs, args),
    ...parts.map(({ name, fromNs, toNs }) => spanEvent(name, pid, lane, fromNs, toNs, {})),
    ...arrow(row, queued, pid, lane, starts),
  ];
}

/** The arrow of a request through its spans; one span alone has none. */
function arrow(
  row: number,
  queued: boolean,
  pid: number,
  lane: number,
  starts: readonly Ns[],
): readonly TraceEvent[] {
  if (starts.length === 1 && !queued) return [];
  return starts.map((atNs, index) => {
    const phase = index === starts.length - 1 ? 'f' : index === 0 && !queued ? 's' : 't';
    return flowEvent(phase, row, pid, lane, atNs);
  });
}
