import { NS_PER_MS } from '#core/base/time.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { type Constants, calibratedGpu, calibratedHost } from '#core/perf/calibration/constants.ts';
import type { Deployment } from '#core/perf/pass/deployment.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { TraceBatch } from '#traces/batch.ts';
import { ModelTiming } from '../engine/timing/model.ts';
import { withFirstShapes } from '../engine/timing/open-model.ts';
import type { TimingModel } from '../engine/timing/timing-model.ts';
import type { ServerSettings } from '../estimate/load-point.ts';
import type { RunResult } from '../report/run-result.ts';
import { run } from '../run.ts';
import type { RecordedRun } from './recorded-run.ts';

/** What a flown recording says of each of its requests, in their order. */
export interface FlownRecording {
  readonly ttftMs: Float64Array;
  /** Mean gap between tokens; NaN of an answer of one token. */
  readonly tpotMs: Float64Array;
  readonly e2eMs: Float64Array;
  readonly cachedTokens: Int32Array;
  readonly result: RunResult;
}

/** A server that recordings are flown against; its KV blocks are known. */
export type RecordedServer = ServerSettings & { readonly kvBlocks: number };

/** Between stretches that are flown apart: longer than any of them is late. */
const APART_MS = 60_000;

/**
 * Flies the requests of a recording through one worker: its engine's own scheduler, lengths, moments
 * and shared heads as recorded, passes as long as the deployment's model and `constants` say.
 */
export function flyRecorded(
  deployment: Deployment,
  server: RecordedServer,
  constants: Constants,
  recording: Pick<RecordedRun, 'records' | 'closedLoop' | 'blockTokens'>,
): FlownRecording {
  const { blockTokens = server.blockSize } = recording;
  const result = run({
    config: configOf(deployment, server, blockTokens),
    seed: 1,
    batches: [batchOf(recording, blockTokens)],
    hasContent: true,
    sessions: 0,
    timing: calibratedTiming(deployment, constants),
  });
  return outcomeOf(result, constants.frontend_ms);
}

/** Pass times of a deployment by its model and by constants; made anew for each run. */
export function calibratedTiming(deployment: Deployment, constants: Constants): TimingModel {
  const gpu = calibratedGpu(deployment.gpu, constants);
  const pass = new ForwardPass({ ...deployment, gpu });
  const model = new ModelTiming(pass, calibratedHost(constants));
  return withFirstShapes(model, constants);
}

function outcomeOf(result: RunResult, frontendMs: number): FlownRecording {
  const { requests } = result;
  const { count } = requests;
  const flown = {
    ttftMs: new Float64Array(count),
    tpotMs: new Float64Array(count),
    e2eMs: new Float64Array(count),
    cachedTokens: Int32Array.from({ length: count }, (_, row) => requests.firstReusedTokens[row]!),
    result,
  };
  for (let row = 0; row < count; row++) {
    const arrivalNs = requests.arrivalNs[row]!;
    const firstNs = requests.firstTokenNs[row]!;
    const lastNs = requests.lastTokenNs[row]!;
    flown.ttftMs[row] = (firstNs - arrivalNs) / NS_PER_MS + frontendMs;
    flown.e2eMs[row] = (lastNs - arrivalNs) / NS_PER_MS + frontendMs;
    const gaps = requests.outputTokens[row]! - 1;
    flown.tpotMs[row] = gaps > 0 ? (lastNs - firstNs) / NS_PER_MS / gaps : Number.NaN;
  }
  return flown;
}

/** The recording as a trace; a block of a prompt has an id of its own unless it belongs to a head. */
function batchOf(
  { records, closedLoop }: Pick<RecordedRun, 'records' | 'closedLoop'>,
  blockTokens: number,
): TraceBatch {
  const batch = new TraceBatch();
  const heads = Math.max(0, ...records.map(({ head }) => (head === undefined ? 0 : head.id + 1)));
  let nextId = heads * HEAD_BLOCKS;
  let shiftMs = 0;
  let busyUntilMs = 0;
  records.forEach(({ sentMs, isl, osl, e2eMs, head, blocks }, index) => {
    if (closedLoop && index > 0 && sentMs >= busyUntilMs) shiftMs += APART_MS;
    busyUntilMs = Math.max(busyUntilMs, sentMs + e2eMs);
    const row = batch.append(index + 1, isl, osl);
    batch.timestampMs[row] = sentMs + shiftMs;
    const shared = head === undefined ? 0 : Math.floor(head.tokens / blockTokens);
    for (const name of blocks ?? []) batch.appendHashId(name);
    for (let block = blocks?.length ?? 0; block < Math.ceil(isl / blockTokens); block++) {
      batch.appendHashId(block < shared ? head!.id * HEAD_BLOCKS + block : nextId++);
    }
  });
  return batch;
}

/** Ids of one head lie below those of the next. */
const HEAD_BLOCKS = 4096;

function configOf(
  { engine }: Deployment,
  server: RecordedServer,
  blockTokens: number,
): ResolvedConfig {
  return resolveConfig({
    cluster: { workers: 1 },
    engine: {
      backend: engine,
      num_gpu_blocks: server.kvBlocks,
      block_size: server.blockSize,
      max_num_seqs: server.maxNumSeqs,
      enable_prefix_caching: server.prefixCaching,
      ...(engine === 'sglang'
        ? { chunked_prefill_size: server.maxBatchedTokens }
        : {
            max_num_batched_tokens: server.maxBatchedTokens,
            enable_chunked_prefill: server.chunkedPrefill,
          }),
    },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: blockTokens },
  });
}
