import type { Ns } from '#core/base/time.ts';
import { NS_PER_MS, NS_PER_S } from '#core/base/time.ts';
import type { RunResult } from '../report/run-result.ts';
import { RequestStatus } from '../workload/request-table.ts';

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
  /** Over the time from the first of them sent to the last of them ended. */
  readonly requestsPerS: number;
  readonly outputTokensPerS: number;
  /** Requests in the engine at a time, by Little's law. */
  readonly meanRunning: number;
  /** Share of their time that requests waited before their first admission. */
  readonly waitingShare: number;
  readonly preemptions: number;
}

/** Reads the figures off a flight of one worker. */
export function figuresOf({ requests, preemptions }: RunResult): Figures {
  const ttft: number[] = [];
  const tpot: number[] = [];
  const e2e: number[] = [];
  let tokens = 0;
  let waitedNs = 0;
  let firstNs: Ns = Number.POSITIVE_INFINITY;
  let lastNs: Ns = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.warmup[row] === 1 || requests.status[row] !== RequestStatus.completed) continue;
    const arrivedNs = requests.arrivalNs[row]!;
    const firstTokenNs = requests.firstTokenNs[row]!;
    const lastTokenNs = requests.lastTokenNs[row]!;
    const output = requests.outputTokens[row]!;
    ttft.push((firstTokenNs - arrivedNs) / NS_PER_MS);
    e2e.push((requests.terminalNs[row]! - arrivedNs) / NS_PER_MS);
    if (output > 1) tpot.push((lastTokenNs - firstTokenNs) / (output - 1) / NS_PER_MS);
    tokens += output;
    waitedNs += requests.firstAdmitNs[row]! - arrivedNs;
    firstNs = Math.min(firstNs, arrivedNs);
    lastNs = Math.max(lastNs, requests.terminalNs[row]!);
  }
  const seconds = (lastNs - firstNs) / NS_PER_S;
  const spentMs = e2e.reduce((sum, ms) => sum + ms, 0);
  return {
    completed: e2e.length,
    ttftMs: latency(ttft),
    tpotMs: latency(tpot),
    e2eMs: latency(e2e),
    requestsPerS: e2e.length / seconds,
    outputTokensPerS: tokens / seconds,
    meanRunning: (spentMs - waitedNs / NS_PER_MS) / (seconds * 1000),
    waitingShare: waitedNs / NS_PER_MS / spentMs,
    preemptions,
  };
}

function latency(ms: number[]): Latency | undefined {
  if (ms.length === 0) return undefined;
  ms.sort((a, b) => a - b);
  const rank = (percent: number) => ms[Math.round(((ms.length - 1) * percent) / 100)]!;
  const mean = ms.reduce((sum, each) => sum + each, 0) / ms.length;
  return { mean, p50: rank(50), p99: rank(99) };
}
