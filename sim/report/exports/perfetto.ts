import { NS_PER_MS } from '#core/base/time.ts';
import type { Timeline } from '../../cluster/timeline.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import { arrivedRows } from '../arrived-rows.ts';
import type { PoolOutcome, RunResult } from '../run-result.ts';
import { crossedLinks } from '../series/link-series.ts';
import { EVENTS_PER_ENCODING, encodeEvents } from './encode-spans.ts';
import { linkEvents } from './link-counters.ts';
import { ROUTER_PID, requestEvents, workerPid } from './request-spans.ts';
import { roleEvents } from './role-spans.ts';
import {
  counterEvent,
  laneNameEvent,
  processEvents,
  spanEvent,
  type TraceEvent,
} from './trace-event.ts';

/** Events that a page opens without trouble: some 15 MB of text. */
const EVENTS_MAX = 100_000;

/** Spans and arrows that one request takes at most. */
const EVENTS_PER_REQUEST = 8;

/** The same of a request that goes from a prefill worker to a decode worker. */
const EVENTS_PER_HAND_OFF = 15;

/** What a trace holds, said in its metadata and on the terminal. */
export interface PerfettoContent {
  readonly requests: number;
  /** Requests that are drawn; the slowest where not all are. */
  readonly requests_shown: number;
  /** Distance of the counters' values, and length of the slices where requests are summed up. */
  readonly step_ms: number;
  /** Workers are summed up by slices of a step, since all requests would be too many. */
  readonly aggregated: boolean;
}

export interface PerfettoTrace {
  readonly content: PerfettoContent;
  readonly pieces: Iterable<string>;
}

/**
 * A run as Trace Event JSON: a process for the router and one for each worker, lanes of requests with
 * wait, prefill and decode, an arrow along each request (from prefill by the transfer to decode where
 * those are on workers of their own), counters of queues, KV blocks and shared links. Beyond
 * 100,000 events the workers are summed up step by step, and only the slowest requests are drawn.
 */
export function perfettoTrace(
  result: RunResult,
  timeline: Timeline,
  metadata: Readonly<Record<string, string | number>>,
  eventsMax: number = EVENTS_MAX,
): PerfettoTrace {
  const { requests, simulatedNs } = result;
  const arrived = arrivedRows(requests);
  const links = crossedLinks(result.links);
  const stride = strideFor(timeline, links.length, eventsMax / 2);
  const perWay = result.handOffs === undefined ? EVENTS_PER_REQUEST : EVENTS_PER_HAND_OFF;
  const perRequest = perWay + (result.encode === undefined ? 0 : EVENTS_PER_ENCODING);
  const budget = Math.floor(eventsMax / 2 / perRequest);
  const aggregated = arrived.length > budget;
  const shown = aggregated ? slowest(requests, arrived, simulatedNs, budget) : arrived;
  const content = {
    requests: arrived.length,
    requests_shown: shown.length,
    step_ms: (timeline.stepNs * stride) / NS_PER_MS,
    aggregated,
  };
  const events = [
    ...frame(result.pools),
    ...counters(timeline, stride),
    ...roleEvents(result),
    ...linkEvents(result, timeline, [...strides(timeline, stride)]),
    ...(aggregated ? slices(timeline, stride) : []),
    ...encodeEvents(result, shown),
    ...requestEvents(result, shown, simulatedNs),
  ];
  events.sort((a, b) => a.atNs - b.atNs);
  return { content, pieces: pieces(events, { ...metadata, ...content }) };
}

function* pieces(
  events: readonly TraceEvent[],
  otherData: Readonly<Record<string, string | number | boolean>>,
): Generator<string> {
  yield `{"displayTimeUnit":"ms","otherData":${JSON.stringify(otherData)},"traceEvents":[\n`;
  for (const [index, { text }] of events.entries()) yield `${index === 0 ? '' : ',\n'}${text}`;
  yield '\n]}\n';
}

/** The requests that took longest, those without an end until the end of the run. */
function slowest(
  requests: RequestTable,
  rows: Int32Array,
  runEndNs: number,
  count: number,
): Int32Array {
  const spanNs = (row: number): number => {
    const endNs = requests.terminalNs[row]!;
    return (endNs === NEVER ? runEndNs : endNs) - requests.arrivalNs[row]!;
  };
  return rows.toSorted((a, b) => spanNs(b) - spanNs(a) || a - b).slice(0, count);
}

/** Steps that are taken as one, so that counters and slices stay within `eventsMax`. */
function strideFor({ count, targets }: Timeline, links: number, eventsMax: number): number {
  return Math.max(1, Math.ceil((count * (3 * targets + 1 + links)) / eventsMax));
}

function frame(pools: readonly PoolOutcome[]): readonly TraceEvent[] {
  const events = [...processEvents(ROUTER_PID, 'router', 0)];
  for (const { name, firstTarget, targets } of pools) {
    for (let own = 0; own < targets; own++) {
      const target = firstTarget + own;
      const worker = pools.length === 1 ? `worker ${own}` : `${name} worker ${own}`;
      events.push(...processEvents(workerPid(target), worker, target + 1));
      events.push(laneNameEvent(workerPid(target), 0, 'steps'));
    }
  }
  return events;
}

/** The last sample of each stride. */
function* strides({ count }: Timeline, stride: number): Generator<number> {
  for (let row = stride - 1; row < count - 1; row += stride) yield row;
  if (count > 0) yield count - 1;
}

function counters(timeline: Timeline, stride: number): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  for (const row of strides(timeline, stride)) {
    const atNs = timeline.timeNs[row]!;
    const queue = { waiting: timeline.routerQueue[row]! };
    events.push(counterEvent('router queue', ROUTER_PID, atNs, queue));
    for (let target = 0; target < timeline.targets; target++) {
      const cell = row * timeline.targets + target;
      const kv = { used: timeline.kvUsedBlocks[cell]!, cached: timeline.kvCachedBlocks[cell]! };
      const requests = { running: timeline.running[cell]!, waiting: timeline.waiting[cell]! };
      events.push(counterEvent('KV blocks', workerPid(target), atNs, kv));
      events.push(counterEvent('requests', workerPid(target), atNs, requests));
    }
  }
  return events;
}

/** What each worker did in each stride, as a slice on its lane of steps. */
function slices(timeline: Timeline, stride: number): readonly TraceEvent[] {
  const events: TraceEvent[] = [];
  const { targets } = timeline;
  let before = -1;
  for (const row of strides(timeline, stride)) {
    const fromNs = before < 0 ? 0 : timeline.timeNs[before]!;
    const toNs = timeline.timeNs[row]!;
    for (let target = 0; toNs > fromNs && target < targets; target++) {
      const cell = row * targets + target;
      const gained = (sums: Float64Array): number =>
        sums[cell]! - (before < 0 ? 0 : sums[before * targets + target]!);
      const running = timeline.running[cell]!;
      const args = {
        running,
        waiting: timeline.waiting[cell]!,
        prefill_tokens: gained(timeline.prefillTokens),
        output_tokens: gained(timeline.outputTokens),
        busy_ratio: gained(timeline.busyNs) / (toNs - fromNs),
      };
      events.push(spanEvent(`${running} running`, workerPid(target), 0, fromNs, toNs, args));
    }
    before = row;
  }
  return events;
}
