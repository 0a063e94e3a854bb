import type { ResolvedConfig } from '#core/config/schema.ts';
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

/** The ranks of a worker begin a pass when none is in one, and end it with the slowest. */
function startTogether(ranks: readonly NaiveRank[], nowNs: number): void {
  if (ranks.some(({ pass }) => pass !== undefined)) return;
  for (const rank of ranks) rank.start(nowNs);
  const endNs = Math.max(...ranks.map(({ pass }) => pass?.endNs ?? nowNs));
  for (const { pass } of ranks) if (pass !== undefined) pass.endNs = endNs;
}

/**
 * Flies an open-loop trace, its requests dealt out in turn to the workers: one loop over all
 * moments at which something happens, nothing else.
 */
export function flyNaively(
  config: ResolvedConfig,
  rows: readonly HandRow[],
  namesOf: NamesOf = namesByIds(config),
): NaiveFlight {
  const { engine, cluster } = config;
  const poolTokens = engine.num_gpu_blocks * engine.block_size;
  const maxLength = Math.min(
    engine.max_model_len ?? Number.POSITIVE_INFINITY,
    engine.backend === 'trtllm' ? poolTokens : Number.POSITIVE_INFINITY,
  );
  const requests = rows.map((row, index): NaiveRequest => {
    const blocks = namesOf(row, index);
    const target = Math.min(row.output, maxLength - row.input);
    const nothing = { firstAdmitNs: -1, terminalNs: -1, admissions: 0, firstReused: 0 };
    const progress = { mostReused: 0, computed: 0, decoding: false, status: 'queued' as const };
    const asked = { requested: row.output, target };
    return { row: index, input: row.input, ...asked, blocks, tokenNs: [], ...nothing, ...progress };
  });
  const arrivalsNs = rows.map((row) => Math.round((row.atMs! - rows[0]!.atMs!) * 1e6));
  const newRank = (): NaiveRank =>
    engine.backend === 'sglang' ? new NaiveSglang(engine) : new NaiveWorker(engine);
  const ranks = engine.data_parallel_size;
  const workers = Array.from({ length: cluster.workers * ranks }, newRank);
  let next = 0;
  for (;;) {
    const moments = workers.flatMap(({ pass }) => (pass === undefined ? [] : [pass.endNs]));
    if (next < rows.length) moments.push(arrivalsNs[next]!);
    if (moments.length === 0) break;
    const nowNs = Math.min(...moments);
    for (const worker of workers) if (worker.pass?.endNs === nowNs) worker.complete();
    for (; next < rows.length && arrivalsNs[next] === nowNs; next++) {
      workers[next % workers.length]!.waiting.push(requests[next]!);
    }
    for (let first = 0; first < workers.length; first += ranks) {
      startTogether(workers.slice(first, first + ranks), nowNs);
    }
  }
  return { requests, workers, workerOf: rows.map((_, index) => index % workers.length) };
}
