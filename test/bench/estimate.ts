import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { deploymentOf, hostTimeOf } from '#core/config/deployment.ts';
import { resolveConfig } from '#core/config/resolve.ts';
import { ForwardPass } from '#core/perf/pass/forward-pass.ts';
import { ModelTiming } from '#sim/engine/timing/model.ts';
import { PassShape } from '#sim/engine/timing/timing-model.ts';
import { run as fly } from '#sim/run.ts';
import { conversationPath, readConversation } from './support/conversation.ts';
import { judge } from './support/print.ts';
import { measure, measureInTurns } from './support/timing.ts';

const CURVE_S_MAX = 0.5;
const PASS_US_MAX = 2;
const TIMES_POLYNOMIAL_MAX = 1.5;
const DATA_KB_MAX = 60;

/** 5 · 19 · 6 = 570 configurations. */
const GROUPS = [1, 2, 4, 8, 16];
const GPUS_OF_NODE = 8;
const BATCHES = Array.from({ length: 19 }, (_, step) => Math.round(2 ** (step / 2)));
const STEP_TOKENS = [0, 512, 1024, 2048, 4096, 8192];
const CONTEXT = 4096;
const PASSES = 1_000_000;

const COLD_MS_MAX = 150;
const COLD_RUNS = 15;
const RUNS = 5;
const WARMUPS = 3;

const MODELLED = {
  model: { name: 'Qwen/Qwen3-32B' },
  cluster: { gpu: 'h200-sxm' },
  engine: { timing: { type: 'model' } },
};

/** Beyond a node the layers are dealt out. */
function timingOf(gpus: number): ModelTiming {
  const tensor_parallel_size = Math.min(gpus, GPUS_OF_NODE);
  const pipeline_parallel_size = gpus / tensor_parallel_size;
  const engine = { ...MODELLED.engine, tensor_parallel_size, pipeline_parallel_size };
  const deployment = deploymentOf(resolveConfig({ ...MODELLED, engine }));
  return new ModelTiming(new ForwardPass(deployment), hostTimeOf(deployment));
}

/** A pass of `batch` decoding requests and of as many prompt tokens as the step takes. */
function msOf(timing: ModelTiming, shape: PassShape, batch: number, tokens: number): number {
  shape.clear();
  if (tokens > 0) shape.addPrefill(tokens, 0);
  shape.decodeRequests = batch;
  shape.decodeContextTokens = batch * CONTEXT;
  return timing.prefillMs(shape) + timing.decodeMs(batch, shape.decodeContextTokens);
}

function curve(): number {
  const shape = new PassShape();
  let ms = 0;
  for (const group of GROUPS) {
    const timing = timingOf(group);
    for (const batch of BATCHES) {
      for (const tokens of STEP_TOKENS) ms += msOf(timing, shape, batch, tokens);
    }
  }
  return ms;
}

/** A run's steady state: batches and chunks that have been seen, and contexts that grow. */
function passes(timing: ModelTiming): number {
  const shape = new PassShape();
  let ms = 0;
  for (let pass = 0; pass < PASSES; pass++) {
    shape.clear();
    if (pass % 4 === 0) shape.addPrefill(512 + (pass % 64), pass % 1000);
    shape.decodeRequests = 1 + (pass % 64);
    shape.decodeContextTokens = shape.decodeRequests * (1000 + (pass % 3000));
    ms += timing.prefillMs(shape);
    ms += timing.decodeMs(shape.decodeRequests, shape.decodeContextTokens);
  }
  return ms;
}

/** What a browser would load of the measured kernels and the built-in models. */
function dataKb(): number {
  const folder = join(import.meta.dirname, '..', '..', 'core', 'perf');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const data = files.filter((file) => file.endsWith('.json') || file.endsWith('gpus.ts')).sort();
  return data.reduce((kb, file) => kb + gzipSync(readFileSync(join(folder, file))).length / 1e3, 0);
}

async function replays(): Promise<void> {
  const path = conversationPath();
  if (path === undefined) return;
  const { batches, hasContent, sessions } = await readConversation(path);
  const configOf = (modelled: boolean) =>
    resolveConfig({
      ...(modelled && { model: MODELLED.model }),
      cluster: { workers: 16, ...(modelled && MODELLED.cluster) },
      engine: { num_gpu_blocks: 16_384, ...(modelled && MODELLED.engine) },
    });
  const [polynomial, model] = [configOf(false), configOf(true)].map((config) => () => {
    fly({ config, seed: 1, batches, hasContent, sessions });
  });
  const [plain, modelled] = measureInTurns([polynomial!, model!], RUNS, WARMUPS);
  const [plainMs, modelMs] = [plain!.medianMs, modelled!.medianMs];
  console.log(
    `Mooncake conversation, 16 workers, median of ${RUNS}: ${plainMs.toFixed(0)} ms by the polynomial, ${modelMs.toFixed(0)} ms by Qwen3-32B on H200`,
  );
  judge('times the polynomial', modelMs / plainMs, 'most', TIMES_POLYNOMIAL_MAX);
}

/** A question as a script asks it. */
const QUESTION =
  'estimate --model Qwen/Qwen3-32B --gpu h200-sxm --tp 2 --isl 4096 --osl 512 --concurrency 32 --format json';

/** From the start of a process to its end: Node alone, and the built package with one question. */
function coldStarts(): void {
  const launcher = join(import.meta.dirname, '..', '..', 'dist', 'windtunnel.js');
  if (!existsSync(launcher)) {
    console.log('cold start: not measured, `npm run build` has not made the package');
    return;
  }
  const start = (...args: readonly string[]) => {
    execFileSync(process.execPath, args, { stdio: 'ignore' });
  };
  const [bare, asked] = measureInTurns(
    [() => start('-e', '0'), () => start(launcher, ...QUESTION.split(' '))],
    COLD_RUNS,
    WARMUPS,
  );
  const [bareMs, askedMs] = [bare!.bestMs, asked!.bestMs];
  console.log(
    `cold start, best of ${COLD_RUNS}: ${bareMs.toFixed(0)} ms of Node alone, ${(askedMs / bareMs).toFixed(1)} times that with an answer`,
  );
  judge('ms to an answer of the built package', askedMs, 'most', COLD_MS_MAX);
}

/** What a model on a GPU costs: an answer, the whole curve of a model, one pass, a replay, its data. */
export async function run(): Promise<void> {
  coldStarts();
  const whole = measure(curve, RUNS, 0);
  console.log(`${GROUPS.length * BATCHES.length * STEP_TOKENS.length} configurations:`);
  judge('seconds for the whole curve', whole.medianMs / 1000, 'most', CURVE_S_MAX);
  const timing = timingOf(2);
  const { medianMs } = measure(() => passes(timing), RUNS, 1);
  judge('µs a pass in the steady state', (1000 * medianMs) / PASSES, 'most', PASS_US_MAX);
  judge('kB of data, gzip', dataKb(), 'most', DATA_KB_MAX);
  await replays();
}
