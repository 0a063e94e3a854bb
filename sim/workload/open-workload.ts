import { InputError } from '#core/base/errors.ts';
import { openStream } from '#core/base/random.ts';
import type { WorkloadConfig } from '#core/config/schema.ts';
import { type ArrivalClock, ConstantClock, PoissonClock, TraceClock } from './arrival-clock.ts';
import { ClosedLoop } from './closed-loop.ts';
import { jitterArrivals } from './jitter.ts';
import { OpenLoop } from './open-loop.ts';
import type { RequestLoader } from './request-loader.ts';
import type { RequestTable } from './request-table.ts';
import type { SessionTable } from './session-table.ts';
import { StreamedLoop } from './streamed-loop.ts';
import type { Workload } from './workload.ts';

function openClock(config: WorkloadConfig, seed: number): ArrivalClock {
  const rate = config.request_rate ?? 1;
  switch (config.arrivals) {
    case 'trace':
      return new TraceClock(config.arrival_speedup_ratio);
    case 'constant':
      return new ConstantClock(rate);
    case 'poisson':
      return new PoissonClock(rate, openStream(seed, 'workload.arrivals'));
  }
}

/** The way of sending requests that the config asks for. */
export function openWorkload(
  config: WorkloadConfig,
  seed: number,
  loader: RequestLoader,
  requests: RequestTable,
  sessions: SessionTable,
  hasSessions: boolean,
): Workload {
  const clock = openClock(config, seed);
  const usesTraceTimes = config.arrivals === 'trace';
  if (config.concurrency === undefined && !hasSessions && !config.arrival_jitter) {
    return new StreamedLoop(loader, clock);
  }
  const rows: number[] = [];
  const times: number[] = [];
  for (let row = loader.next(); row >= 0; row = loader.next()) {
    if (config.concurrency !== undefined) continue;
    if (sessions.waits[row] === 1) {
      if (usesTraceTimes) holdBack(row, clock, loader.timestampMs, sessions);
      continue;
    }
    rows.push(row);
    times.push(clock.arrivalNs(loader.timestampMs));
  }
  if (config.concurrency !== undefined) {
    if (sessions.graph !== undefined) refuseGraph(config.concurrency);
    return new ClosedLoop(config.concurrency, requests, sessions);
  }
  const timesNs = Float64Array.from(times);
  if (config.arrival_jitter) jitterArrivals(timesNs, openStream(seed, 'workload.jitter'));
  const speedup = usesTraceTimes ? config.arrival_speedup_ratio : 1;
  return new OpenLoop(Int32Array.from(rows), timesNs, sessions, speedup);
}

/** A request of the graph is not sent before its own time, where it has one on the trace's clock. */
function holdBack(
  row: number,
  clock: ArrivalClock,
  timestampMs: number,
  { graph }: SessionTable,
): void {
  if (graph?.waits(row) && !Number.isNaN(timestampMs)) {
    graph.holdUntil(row, clock.arrivalNs(timestampMs));
  }
}

function refuseGraph(concurrency: number): never {
  throw new InputError('config_invalid', 'the requests of this trace wait for each other', {
    path: 'workload.concurrency',
    received: concurrency,
    remedy: "leave it out: a tree of agents has no single user; it arrives by the trace's times",
  });
}
