import type { QuantileSketch } from '#core/base/sketch.ts';
import { NS_PER_MS, NS_PER_S, type Ns } from '#core/base/time.ts';
import { RequestStatus, type RequestTable } from '../workload/request-table.ts';
import { batchWaitMs } from './batch-wait.ts';
import type { FlownPoint } from './fly-point.ts';
import type { LoadPoint } from './load-point.ts';

/** A latency in milliseconds; absent where nothing was measured. */
export interface Latency {
  readonly mean: number;
  readonly p50: number;
  readonly p99: number;
}

/** What a point's flight says, of the requests that count. */
export interface Figures {
  readonly completed: number;
  readonly ttftMs: Latency | undefined;
  /** A request's mean gap between tokens, the first left out. */
  readonly tpotMs: Latency | undefined;
  readonly e2eMs: Latency | undefined;
  /** Every gap between two tokens of a request, as its client saw it; of the whole flight. */
  readonly itlMs: Latency | undefined;
  /** Ends a second: those of a steady loop, those after the first one of an open loop. */
  readonly requestsPerS: number;
  readonly outputTokensPerS: number;
  /** Requests in the engine at a time, by Little's law. */
  readonly meanRunning: number;
  /** Share of their time that requests waited before their first admission. */
  readonly waitingShare: number;
  readonly preemptions: number;
}

/** What is known of each request that counts. */
class Samples {
  readonly ttftMs: number[] = [];
  readonly tpotMs: number[] = [];
  readonly e2eMs: number[] = [];
  tokens = 0;
  waitedMs = 0;
  firstNs: Ns = Number.POSITIVE_INFINITY;
  firstEndNs: Ns = Number.POSITIVE_INFINITY;
  lastNs: Ns = 0;
  /** Of requests that clients gave up: how many, and when the last one was. */
  failed = 0;
  lastFailedNs: Ns = 0;

  fail(requests: RequestTable, row: number): void {
    this.failed++;
    this.firstNs = Math.min(this.firstNs, requests.arrivalNs[row]!);
    this.lastFailedNs = Math.max(this.lastFailedNs, requests.terminalNs[row]!);
  }

  add(requests: RequestTable, row: number): void {
    const arrivedNs = requests.arrivalNs[row]!;
    const endedNs = requests.terminalNs[row]!;
    const firstTokenNs = requests.firstTokenNs[row]!;
    const output = requests.outputTokens[row]!;
    this.ttftMs.push((firstTokenNs - arrivedNs) / NS_PER_MS);
    this.e2eMs.push((endedNs - arrivedNs) / NS_PER_MS);
    if (output > 1) {
      const gapNs = (requests.lastTokenNs[row]! - firstTokenNs) / (output - 1);
      this.tpotMs.push(gapNs / NS_PER_MS);
    }
    this.tokens += output;
    this.waitedMs += (requests.firstAdmitNs[row]! - arrivedNs) / NS_PER_MS;
    this.firstNs = Math.min(this.firstNs, arrivedNs);
    this.firstEndNs = Math.min(this.firstEndNs, endedNs);
    this.lastNs = Math.max(this.lastNs, endedNs);
  }
}

/** Reads the figures off a flown point. */
export function figuresOf(point: LoadPoint, flown: FlownPoint): Figures {
  const { host, server, requests: counted } = point;
  const { requests, preemptions } = flown.result;
  const samples = new Samples();
  const end = Math.min(requests.count, flown.warmUp + counted);
  for (let row = flown.warmUp; row < end; row++) {
    if (requests.status[row] === RequestStatus.completed) samples.add(requests, row);
    else if (requests.status[row] === RequestStatus.timedOut) samples.fail(requests, row);
  }
  const { ttftMs, tpotMs, e2eMs, tokens, waitedMs } = samples;
  const spentMs = e2eMs.reduce((sum, ms) => sum + ms, 0);
  const requestsPerS = rateOf(point, samples, spentMs);
  const meanRunning = (requestsPerS * (spentMs - waitedMs)) / 1000 / e2eMs.length;
  const tpot = latency(tpotMs);
  const promptsPerPass = (meanRunning * e2eMs.length) / tokens;
  const heldMs = batchWaitMs(server.batchWaitPasses ?? 0, promptsPerPass, tpot?.mean ?? 0);
  const besideMs = host.frontendMs + heldMs;
  return {
    completed: e2eMs.length,
    ttftMs: latency(ttftMs, besideMs),
    tpotMs: tpot,
    e2eMs: latency(e2eMs, besideMs),
    itlMs: gaps(flown.result.itlNs),
    requestsPerS,
    outputTokensPerS: (requestsPerS * tokens) / e2eMs.length,
    meanRunning,
    waitingShare: waitedMs / spentMs,
    preemptions,
  };
}

/**
 * Requests that end a second: in a steady closed loop clients ÷ mean E2E, by Little's law; in an
 * open loop those after the first over the time since it ended, so that neither the way in nor the
 * way out counts; where all come at once, or some are given up, all of them over the whole time.
 */
function rateOf({ load, host }: LoadPoint, samples: Samples, spentMs: number): number {
  const { e2eMs, firstNs, firstEndNs, failed, lastFailedNs } = samples;
  const lastNs = Math.max(samples.lastNs, lastFailedNs);
  const ended = e2eMs.length;
  if (load.kind === 'closed' && load.start === 'spread') {
    return (load.concurrency * ended * 1000) / (spentMs + host.frontendMs * ended);
  }
  const whole = (ended * NS_PER_S) / (lastNs - firstNs);
  if (load.kind !== 'open' || failed > 0 || lastNs === firstEndNs) return whole;
  return ((ended - 1) * NS_PER_S) / (lastNs - firstEndNs);
}

/** The sketch holds nanoseconds. */
function gaps(itlNs: QuantileSketch): Latency | undefined {
  const [p50, p99] = [itlNs.quantile(0.5), itlNs.quantile(0.99)];
  if (p50 === undefined || p99 === undefined) return undefined;
  const mean = itlNs.sum / itlNs.count;
  return { mean: mean / NS_PER_MS, p50: p50 / NS_PER_MS, p99: p99 / NS_PER_MS };
}

/** `beside`: what each request takes outside the engine. */
function latency(ms: number[], beside = 0): Latency | undefined {
  if (ms.length === 0) return undefined;
  ms.sort((a, b) => a - b);
  const rank = (percent: number) => ms[Math.round(((ms.length - 1) * percent) / 100)]!;
  const mean = ms.reduce((sum, each) => sum + each, 0) / ms.length;
  return { mean: mean + beside, p50: rank(50) + beside, p99: rank(99) + beside };
}
