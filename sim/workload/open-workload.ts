import { InputError } from '#core/base/errors.ts';
import { openStream } from '#core/base/random.ts';
import { type Ns, secondsToNs } from '#core/base/time.ts';
import type { WorkloadConfig } from '#core/config/schema.ts';
import type { RateWindow } from '#traces/formats/servegen/rate-windows.ts';
import type { ArrivalClock } from './arrivals/arrival-clock.ts';
import { jitterArrivals } from './arrivals/jitter.ts';
import { openClock } from './arrivals/open-clock.ts';
import { Attempts, type AttemptTables } from './attempts.ts';
import { BehindFrontend } from './behind-frontend.ts';
import { type CapFacts, CappedLoop } from './capped-loop.ts';
import { ClientLoop } from './client-loop.ts';
import { ClosedLoop } from './closed-loop.ts';
import { OpenLoop } from './open-loop.ts';
import type { RequestLoader } from './request-loader.ts';
import type { SessionTable } from './session-table.ts';
import { StreamedLoop } from './streamed-loop.ts';
import { TimeLimit } from './time-limit.ts';
import { WarmUp, type WarmUpFacts } from './warm-up.ts';
import type { Workload } from './workload.ts';

export interface WorkloadOptions {
  readonly config: WorkloadConfig;
  readonly seed: number;
  readonly loader: RequestLoader;
  readonly tables: AttemptTables;
  /** Whether the trace has sessions; without them it need not be loaded at once. */
  readonly hasSessions: boolean;
  /** What the file of a recorded rate holds. */
  readonly rateWindows: readonly RateWindow[];
  /** Called when the warm-up is over, before the first request that counts. */
  readonly onWarm: () => void;
}

/** A workload, and what is known of it when the run is over. */
export interface OpenedWorkload {
  readonly flow: Workload;
  /** What a cap did until `endNs`; undefined without a cap. */
  capFacts(endNs: Ns): CapFacts | undefined;
  /** What warmed the cluster up; undefined when every request counts. */
  warmUpFacts(): WarmUpFacts | undefined;
}

/** The way of sending requests that the config asks for. */
export function openWorkload(options: WorkloadOptions): OpenedWorkload {
  const { config, seed, tables } = options;
  const { requests, sessions } = tables;
  let flow = openLoop(options);
  // The requests of its table take so long outside the engines, of which its moments know nothing.
  if (requests.frontendNs > 0) flow = new BehindFrontend(flow, requests.frontendNs, seed);
  const cap =
    config.max_concurrency === undefined
      ? undefined
      : new CappedLoop(flow, config.max_concurrency, requests, sessions);
  flow = cap ?? flow;
  const { warmup_requests, warmup_s, client } = config;
  const warmUp =
    warmup_requests === undefined && warmup_s === undefined
      ? undefined
      : new WarmUp(
          flow,
          { requests: warmup_requests ?? 0, untilNs: secondsToNs(warmup_s ?? 0) },
          requests,
          options.onWarm,
        );
  flow = warmUp ?? flow;
  if (client !== undefined) {
    flow = new ClientLoop(flow, client, seed, requests, sessions, new Attempts(tables));
  }
  const limitNs = secondsToNs(config.duration_s ?? Number.POSITIVE_INFINITY);
  if (config.duration_s !== undefined) flow = new TimeLimit(flow, limitNs);
  return {
    flow,
    capFacts: (endNs) => cap?.facts(Math.min(endNs, limitNs)),
    warmUpFacts: () => warmUp?.facts,
  };
}

function openLoop(options: WorkloadOptions): Workload {
  const { config, seed, loader, hasSessions } = options;
  const { requests, sessions } = options.tables;
  if (config.concurrency !== undefined) {
    while (loader.next() >= 0);
    if (sessions.graph !== undefined) refuseGraph(config.concurrency);
    return new ClosedLoop(config.concurrency, requests, sessions);
  }
  const usesTraceTimes = config.arrivals === 'trace';
  const clock = openClock(config, seed, options.rateWindows);
  // Rows of first attempts stand at the front, whatever is tried again, so that runs can be compared.
  const retries = (config.client?.max_attempts ?? 1) > 1;
  if (!hasSessions && !config.arrival_jitter && !retries) return new StreamedLoop(loader, clock);
  const rows: number[] = [];
  const times: number[] = [];
  for (let row = loader.next(); row >= 0; row = loader.next()) {
    if (sessions.waits[row] === 1) {
      if (usesTraceTimes) holdBack(row, clock, loader.timestampMs, sessions);
      continue;
    }
    rows.push(row);
    times.push(clock.arrivalNs(loader.timestampMs));
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
