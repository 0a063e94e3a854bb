import type { ResolvedConfig } from '#core/config/schema.ts';
import type { TraceClient } from '#traces/client.ts';
import type { HandRow } from './hand-trace.ts';
import { type NaiveRequest, NaiveWorker } from './naive-engine.ts';
import { NaiveSglang } from './naive-sglang.ts';

type NaiveRank = NaiveWorker | NaiveSglang;

/** What happened to a fleet of naive workers. */
export interface NaiveFlight {
  readonly requests: readonly NaiveRequest[];
  readonly workers: readonly NaiveRank[];
  readonly workerOf: readonly number[];
}

/** Names of a request's full engine blocks: equal names, equal tokens up to the block's end. */
export type NamesOf = (row: HandRow, index: number) => readonly number[];

/** The names that the ids of the trace's own blocks give. */
function namesByIds({ engine, workload }: ResolvedConfig): NamesOf {
  const blockSize = engine.block_size;
  const names = new Map<string, number>();
  return ({ ids, input }) => {
    if (ids === undefined) return [];
    return Array.from({ length: Math.floor(input / blockSize) }, (_, block) => {
      const lastUnit = Math.floor(((block + 1) * blockSize - 1) / workload.trace_block_size);
      const content = `${block} ${ids.slice(0, lastUnit + 1).join()}`;
      const name = names.get(content) ?? names.size;
      names.set(content, name);
      return name;
    });
  };
}

/** The ranks of a worker, and how many passes have ended since it had nothing to do. */
interface NaiveGroup {
  readonly ranks: readonly NaiveRank[];
  passes: number;
}

/** The ranks of a worker begin a pass when none is in one, and end it with the slowest. */
function startTogether({ ranks, passes }: NaiveGroup, nowNs: number): void {
  if (ranks.some(({ pass }) => pass !== undefined)) return;
  for (const rank of ranks) rank.start(nowNs, passes);
  const endNs = Math.max(...ranks.map(({ pass }) => pass?.endNs ?? nowNs));
  for (const { pass } of ranks) if (pass !== undefined) pass.endNs = endNs;
}

/** Between two passes the ranks of a worker let go of requests whose clients have left. */
function letGo(group: NaiveGroup): void {
  const { ranks } = group;
  if (ranks.some(({ pass }) => pass !== undefined)) return;
  for (const rank of ranks) {
    for (const request of rank.leaving) if (!request.isOver) rank.drop(request);
    rank.leaving.length = 0;
  }
  if (!ranks.some(({ hasWork }) => hasWork)) group.passes = 0;
}

/** When the client of a request leaves, as things stand. */
function leavingNs(request: NaiveRequest, client: TraceClient, arrivalNs: number): number {
  if (request.terminalNs >= 0) return Number.POSITIVE_INFINITY;
  const { cancelAfterMs, timeoutMs, firstTokenTimeoutMs } = client;
  const waits = request.tokenNs.length === 0 ? firstTokenTimeoutMs : undefined;
  const spansMs = [cancelAfterMs, timeoutMs, waits].filter((ms) => ms !== undefined);
  return arrivalNs + Math.min(...spansMs) * 1e6;
}

function leave(request: NaiveRequest, client: TraceClient, elapsedNs: number, nowNs: number): void {
  const wantsNoMore = elapsedNs === (client.cancelAfterMs ?? -1) * 1e6;
  request.status = wantsNoMore ? 'cancelled' : 'timedOut';
  request.leftNs = nowNs;
  request.terminalNs = nowNs;
}

function completeTogether(group: NaiveGroup, nowNs: number): void {
  const ending = group.ranks.filter(({ pass }) => pass?.endNs === nowNs);
  if (ending.length === 0) return;
  for (const rank of ending) rank.complete();
  group.passes = group.ranks.some(({ hasWork }) => hasWork) ? group.passes + 1 : 0;
}

/** A request of the trace that has not arrived; `maxLength`: prompt and output are at most so long. */
function requestOf(
  row: HandRow,
  index: number,
  blocks: readonly number[],
  maxLength: number,
): NaiveRequest {
  const wanted = Math.min(row.output, maxLength - row.input);
  return {
    row: index,
    input: row.input,
    requested: row.output,
    wanted,
    target: Math.min(wanted, row.client?.cancelAfterTokens ?? wanted),
    isTask: (row.client?.task ?? 'generate') !== 'generate',
    priority: row.priority ?? 0,
    blocks,
    tokenNs: [],
    firstAdmitNs: -1,
    leftNs: -1,
    isOver: false,
    terminalNs: -1,
    admissions: 0,
    firstReused: 0,
    mostReused: 0,
    computed: 0,
    decoding: false,
    status: 'queued',
  };
}

/** Prompt and output together are at most so long. */
function maxLengthOf({ engine }: ResolvedConfig): number {
  const poolTokens = engine.num_gpu_blocks * engine.block_size;
  return Math.min(
    engine.max_model_len ?? Number.POSITIVE_INFINITY,
    engine.backend === 'trtllm' ? poolTokens : Number.POSITIVE_INFINITY,
  );
}

/**
 * Flies an open-loop trace, its requests dealt out in turn to the workers and their ranks: one loop
 * over all moments at which something happens, nothing else.
 */
export function flyNaively(
  config: ResolvedConfig,
  rows: readonly HandRow[],
  namesOf: NamesOf = namesByIds(config),
): NaiveFlight {
  const { engine, cluster } = config;
  const maxLength = maxLengthOf(config);
  const requests = rows.map((row, index) => requestOf(row, index, namesOf(row, index), maxLength));
  const arrivalsNs = rows.map((row) => Math.round((row.atMs! - rows[0]!.atMs!) * 1e6));
  const newRank = (): NaiveRank =>
    engine.backend === 'sglang' ? new NaiveSglang(engine) : new NaiveWorker(engine);
  const ranks = engine.data_parallel_size;
  const workers = Array.from({ length: cluster.workers * ranks }, newRank);
  const groups = Array.from({ length: cluster.workers }, (_, worker): NaiveGroup => {
    return { ranks: workers.slice(worker * ranks, (worker + 1) * ranks), passes: 0 };
  });
  // Each worker in turn, then the next rank of each.
  const placeOf = (index: number): number =>
    (index % cluster.workers) * ranks + (Math.floor(index / cluster.workers) % ranks);
  let next = 0;
  for (;;) {
    const moments = workers.flatMap(({ pass }) => (pass === undefined ? [] : [pass.endNs]));
    if (next < rows.length) moments.push(arrivalsNs[next]!);
    const underWay = requests.slice(0, next);
    const leavesNs = (request: NaiveRequest): number =>
      leavingNs(request, rows[request.row]!.client ?? {}, arrivalsNs[request.row]!);
    moments.push(...underWay.map(leavesNs).filter(Number.isFinite));
    if (moments.length === 0) break;
    const nowNs = Math.min(...moments);
    for (const group of groups) completeTogether(group, nowNs);
    for (const group of groups) letGo(group);
    for (const request of underWay.filter((one) => leavesNs(one) === nowNs)) {
      const { row } = request;
      leave(request, rows[row]!.client ?? {}, nowNs - arrivalsNs[row]!, nowNs);
      const worker = placeOf(row);
      workers[worker]!.leaving.push(request);
      letGo(groups[Math.floor(worker / ranks)]!);
    }
    for (; next < rows.length && arrivalsNs[next] === nowNs; next++) {
      workers[placeOf(next)]!.waiting.push(requests[next]!);
    }
    for (const group of groups) startTogether(group, nowNs);
  }
  return { requests, workers, workerOf: rows.map((_, index) => placeOf(index)) };
}
