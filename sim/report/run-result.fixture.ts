import { QuantileSketch } from '#core/base/sketch.ts';
import { HeadWaitLog } from '../engine/rank/head-wait-log.ts';
import { PassPeaks } from '../engine/timing/pass-peaks.ts';
import { WorkerTally } from '../engine/worker-tally.ts';
import { NEVER, RequestStatus, RequestTable } from '../workload/request-table.ts';
import type { PoolOutcome, RunResult } from './run-result.ts';

/** A request told by hand, milliseconds; token times follow from `tokensMs`. */
export interface HandRequest {
  readonly arrivalMs: number;
  readonly admitMs?: number;
  readonly tokensMs?: readonly number[];
  readonly terminalMs?: number;
  readonly status?: keyof typeof RequestStatus;
  readonly inputTokens?: number;
  readonly reused?: readonly [first: number, most: number];
  readonly admissions?: number;
  readonly session?: string;
  readonly tenant?: string;
  readonly worker?: number;
}

const ns = (ms: number | undefined): number => (ms === undefined ? NEVER : Math.round(ms * 1e6));

/** A run result of requests told by hand, for tests. */
export function handRun(
  requests: readonly HandRequest[],
  rest: Partial<RunResult> = {},
): RunResult {
  const table = new RequestTable();
  const itlNs = new QuantileSketch();
  for (const [index, hand] of requests.entries()) appendHand(table, itlNs, hand, index + 1);
  return {
    requests: table,
    itlNs,
    simulatedNs: Math.max(0, ...table.terminalNs.subarray(0, table.count)),
    passes: 0,
    events: 0,
    preemptions: 0,
    queueRejections: [],
    committedPrefillTokens: 0,
    peakKvBlocks: 0,
    kvUsedAtEnd: Array.from({ length: rest.workers ?? 1 }, () => 0),
    totalKvBlocks: 1,
    workers: 1,
    blockSize: 64,
    tallies: Array.from({ length: rest.workers ?? 1 }, () => new WorkerTally()),
    headWaits: new HeadWaitLog(),
    pools: [handPool(rest)],
    cap: undefined,
    warmUp: undefined,
    ...rest,
  };
}

/** The workers of such a run as its only pool. */
export function handPool(
  { workers = 1, totalKvBlocks = 1, headWaits }: Partial<RunResult>,
  gpusPerWorker = 1,
): PoolOutcome {
  return {
    name: 'workers',
    role: 'aggregated',
    workers,
    gpusPerWorker,
    ranks: 1,
    firstTarget: 0,
    targets: workers,
    passes: 0,
    peakKvBlocks: 0,
    totalKvBlocks,
    largestPass: new PassPeaks(),
    headWaits: headWaits ?? new HeadWaitLog(),
  };
}

function appendHand(
  table: RequestTable,
  itlNs: QuantileSketch,
  hand: HandRequest,
  line: number,
): void {
  const tokens = hand.tokensMs ?? [];
  const row = table.append(line, hand.inputTokens ?? 100, tokens.length);
  const status = hand.status ?? 'completed';
  table.arrivalNs[row] = ns(hand.arrivalMs);
  table.routedNs[row] = ns(hand.arrivalMs);
  table.firstAdmitNs[row] = ns(hand.admitMs);
  table.firstTokenNs[row] = ns(tokens[0]);
  table.secondTokenNs[row] = ns(tokens[1]);
  table.lastTokenNs[row] = ns(tokens.at(-1));
  table.terminalNs[row] = ns(hand.terminalMs ?? tokens.at(-1));
  table.outputTokens[row] = tokens.length;
  table.firstReusedTokens[row] = hand.reused?.[0] ?? 0;
  table.reusedTokens[row] = hand.reused?.[1] ?? 0;
  table.admissions[row] = hand.admissions ?? (status === 'completed' ? 1 : 0);
  table.status[row] = RequestStatus[status];
  table.worker[row] = hand.worker ?? -1;
  if (hand.session !== undefined) {
    table.session[row] = table.sessionNames.push(hand.session) - 1;
  }
  if (hand.tenant !== undefined) {
    const known = table.tenantNames.indexOf(hand.tenant);
    table.tenant[row] = known < 0 ? table.tenantNames.push(hand.tenant) - 1 : known;
  }
  for (let token = 1; token < tokens.length; token++) {
    itlNs.add(ns(tokens[token]) - ns(tokens[token - 1]));
  }
}
