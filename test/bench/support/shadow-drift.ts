import { openStream } from '#core/base/random.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { DriftAlarm } from '#core/drift/drift-alarm.ts';
import { openEngineModel, ShadowWorker } from '#sim/public.ts';
import { run } from '#sim/run.ts';
import { type HandRow, traceOf } from '#test/reference/hand-trace.ts';

const REQUESTS = 2_000;
const INPUT_TOKENS = 440;
const BLOCK_SIZE = 16;
const TIMING = {
  type: 'linear',
  base_ms: 10,
  per_prefill_token_ms: 0.1,
  per_decode_request_ms: 0.5,
};
const RULE = { band: 0.25, floor: 10 };

/** How the alarm fares over E2E at one load. */
export interface DriftRow {
  /** Shares of the requests with the alarm up, where the engine is as the model says. */
  readonly byForecast: number;
  readonly inHindsight: number;
  /** The request, from 1, with which it rises where the engine is 1.5 times as slow; infinite = never. */
  readonly risesWith: number;
}

/** Flies Poisson arrivals of unlike prompts through one worker, with a shadow beside it. */
export function driftRow(requestsPerS: number, outputTokens: number): DriftRow {
  const rows = poissonRows(requestsPerS, outputTokens);
  const right = fly(rows, 1);
  const wrong = fly(rows, 1.5);
  const up = (alarms: readonly boolean[]) => alarms.filter(Boolean).length / REQUESTS;
  const risen = wrong.inHindsight.indexOf(true);
  return {
    byForecast: up(right.byForecast),
    inHindsight: up(right.inHindsight),
    risesWith: risen < 0 ? Number.POSITIVE_INFINITY : risen + 1,
  };
}

/** Whether the alarm was up behind each request that ended; the model is so many times as fast. */
function fly(rows: readonly HandRow[], speedup: number) {
  const { requests } = run({ config: configOf(1), seed: 1, ...traceOf(rows) });
  const worker = new ShadowWorker(openEngineModel(configOf(speedup)));
  const forecasts: number[] = [];
  const alarms = { byForecast: new DriftAlarm(RULE), inHindsight: new DriftAlarm(RULE) };
  const ups: { byForecast: boolean[]; inHindsight: boolean[] } = {
    byForecast: [],
    inHindsight: [],
  };
  const facts = rows.flatMap(({ atMs }, row) => [
    { row, atNs: atMs! * 1e6, isEnd: false },
    { row, atNs: requests.lastTokenNs[row]!, isEnd: true },
  ]);
  for (const { row, atNs, isEnd } of facts.sort((a, b) => a.atNs - b.atNs)) {
    const arrivedNs = rows[row]!.atMs! * 1e6;
    if (!isEnd) {
      worker.submit(row, requestOf(rows[row]!), atNs);
      forecasts[row] = worker.outlook(true)!.lastTokenNs - arrivedNs;
      continue;
    }
    const reachedNs = worker.end(row, rows[row]!.output, atNs);
    const cameMs = (atNs - arrivedNs) / 1e6;
    alarms.byForecast.add(forecasts[row]! / 1e6, cameMs);
    if (reachedNs !== undefined) alarms.inHindsight.add((reachedNs - arrivedNs) / 1e6, cameMs);
    ups.byForecast.push(alarms.byForecast.drift !== 0);
    ups.inHindsight.push(alarms.inHindsight.drift !== 0);
  }
  return ups;
}

function configOf(speedup_ratio: number) {
  return resolveConfig({
    cluster: { workers: 1 },
    engine: {
      ...{ block_size: BLOCK_SIZE, num_gpu_blocks: 4096, max_num_seqs: 64 },
      ...{ timing: TIMING, speedup_ratio },
    },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: BLOCK_SIZE },
  });
}

function poissonRows(requestsPerS: number, output: number): readonly HandRow[] {
  const stream = openStream(7, 'bench.shadow');
  let atMs = 0;
  return Array.from({ length: REQUESTS }, (_, index) => {
    atMs += index === 0 ? 0 : (-Math.log(1 - stream.nextFloat()) * 1e3) / requestsPerS;
    const length = Math.ceil(INPUT_TOKENS / BLOCK_SIZE);
    const ids = Array.from({ length }, (__, block) => 100 * index + block);
    return { atMs: Math.round(atMs), input: INPUT_TOKENS, output, ids };
  });
}

function requestOf({ input, output, ids = [] }: HandRow) {
  return {
    ...{ rank: 0, inputTokens: input, knownBlocks: 0, outputTokens: output, task: 0, priority: 0 },
    hashes: ids.slice(0, Math.floor(input / BLOCK_SIZE)).map(BigInt),
    // Nobody says beforehand how long the answer gets.
    mostOutputTokens: 1_000,
  };
}
