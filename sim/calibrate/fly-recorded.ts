import { InputError } from '#core/base/errors.ts';
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
import { serverEngine } from '../estimate/server-engine.ts';
import { e2eMs, isCompleted, tpotMs, ttftMs } from '../report/latency.ts';
import type { RunResult } from '../report/run-result.ts';
import { run } from '../run.ts';
import type { RecordedRun, RequestRecord } from './recorded-run.ts';

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
    batches: [recordedBatch(recording, blockTokens)],
    hasContent: true,
    sessions: 0,
    timing: calibratedTiming(deployment, constants),
  });
  refuseUnserved(result, server);
  return recordedOutcome(result, constants.frontend_ms);
}

/** Pass times of a deployment by its model and by constants; made anew for each run. */
export function calibratedTiming(deployment: Deployment, constants: Constants): TimingModel {
  const gpu = calibratedGpu(deployment.gpu, constants);
  const pass = new ForwardPass({ ...deployment, gpu });
  const model = new ModelTiming(pass, calibratedHost(constants));
  return withFirstShapes(model, constants);
}

/**
 * What became of each request of a recording, by its place in it. `besideMs`: what each takes outside
 * the engine, where the run does not know.
 */
export function recordedOutcome(result: RunResult, besideMs = 0): FlownRecording {
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
    flown.ttftMs[row] = ttftMs(requests, row) + besideMs;
    flown.e2eMs[row] = e2eMs(requests, row) + besideMs;
    flown.tpotMs[row] = tpotMs(requests, row);
  }
  return flown;
}

/** Whom the recorded server has answered, the flown one must answer: otherwise it is set differently. */
function refuseUnserved({ requests }: RunResult, { kvBlocks, blockSize }: RecordedServer): void {
  for (let row = 0; row < requests.count; row++) {
    if (isCompleted(requests, row)) continue;
    throw new InputError('evidence_invalid', 'the server that is flown cannot serve this request', {
      path: `request ${row + 1}`,
      received: `a prompt of ${requests.inputTokens[row]} tokens`,
      allowed: `${kvBlocks * blockSize} tokens of KV cache for prompt and answer`,
      remedy:
        'say what the recorded one had: --num-gpu-blocks, --block-size, --max-num-batched-tokens',
    });
  }
}

/** The recording as a trace; a block of a prompt has an id of its own unless it belongs to a head. */
export function recordedBatch(
  { records, closedLoop }: Pick<RecordedRun, 'records' | 'closedLoop'>,
  blockTokens: number,
): TraceBatch {
  const batch = new TraceBatch();
  const headBlocks = ({ head }: RequestRecord) => Math.floor((head?.tokens ?? 0) / blockTokens);
  const mostBlocks = records.reduce((most, record) => Math.max(most, headBlocks(record)), 0);
  const heads = records.reduce((most, { head }) => Math.max(most, (head?.id ?? -1) + 1), 0);
  let nextId = heads * mostBlocks;
  let shiftMs = 0;
  let busyUntilMs = 0;
  records.forEach((record, index) => {
    const { sentMs, isl, osl, e2eMs, head, blocks } = record;
    if (closedLoop && index > 0 && sentMs >= busyUntilMs) shiftMs += APART_MS;
    busyUntilMs = Math.max(busyUntilMs, sentMs + e2eMs);
    const row = batch.append(index + 1, isl, osl);
    batch.timestampMs[row] = sentMs + shiftMs;
    const shared = headBlocks(record);
    for (const name of blocks ?? []) batch.appendHashId(name);
    for (let block = blocks?.length ?? 0; block < Math.ceil(isl / blockTokens); block++) {
      batch.appendHashId(block < shared ? head!.id * mostBlocks + block : nextId++);
    }
  });
  return batch;
}

function configOf(
  { engine, dataParallel }: Deployment,
  server: RecordedServer,
  blockTokens: number,
): ResolvedConfig {
  return resolveConfig({
    cluster: { workers: 1 },
    engine: {
      ...serverEngine(engine, server, server.kvBlocks),
      data_parallel_size: dataParallel,
    },
    router: { mode: 'round_robin' },
    workload: { trace_block_size: blockTokens },
  });
}
