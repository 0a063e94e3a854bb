import { resolveConfig } from '#core/config/resolve.ts';
import { run as fly } from '#sim/run.ts';
import { countCompleted } from './support/completed.ts';
import { type FlightFigures, findDynamo, flyDynamo } from './support/dynamo.ts';
import { judge, printTable } from './support/print.ts';
import { uniformTrace } from './support/synthetic.ts';
import { measure } from './support/timing.ts';

const REQUESTS = 131_072;
const INPUT_TOKENS = 1_024;
const OUTPUT_TOKENS = 128;
const CONCURRENCY = 64;
const BLOCK_TOKENS = 64;
const BLOCKS = 16_384;
const RUNS = 7;
const WARMUPS = 2;
const DYNAMO_RUNS = 3;
const TIMES_DYNAMO_MIN = 8;

/** Our flights. Drawing the prompts is inside the measured time, so that it is never flattered. */
function flyOurs(): FlightFigures {
  const config = resolveConfig({
    version: 1,
    cluster: { workers: 1 },
    engine: { block_size: BLOCK_TOKENS, num_gpu_blocks: BLOCKS },
    router: { mode: 'round_robin' },
    workload: { concurrency: CONCURRENCY, trace_block_size: BLOCK_TOKENS },
  });
  const batches = uniformTrace(REQUESTS, INPUT_TOKENS, OUTPUT_TOKENS, BLOCK_TOKENS);
  let simulatedMs = 0;
  let completed = 0;
  const body = () => {
    const result = fly({ config, seed: 42, batches, hasContent: true, sessions: 0 });
    simulatedMs = result.simulatedNs / 1e6;
    completed = countCompleted(result.requests);
  };
  const timing = measure(body, RUNS, WARMUPS);
  return { ...timing, simulatedMs, completed };
}

function flyTheirs(dynamo: string): FlightFigures {
  const engine = {
    backend: 'vllm',
    block_size: BLOCK_TOKENS,
    num_gpu_blocks: BLOCKS,
    timing_model: { type: 'polynomial' },
  };
  const options = {
    num_workers: 1,
    router_mode: 'round_robin',
    replay_concurrency: CONCURRENCY,
  };
  const synthetic = [INPUT_TOKENS, OUTPUT_TOKENS, REQUESTS] as const;
  return flyDynamo(dynamo, { synthetic, engine, options }, DYNAMO_RUNS);
}

function cells(program: string, runs: number, figures: FlightFigures): string[] {
  return [
    program,
    String(runs),
    figures.bestMs.toFixed(0),
    figures.medianMs.toFixed(0),
    (figures.simulatedMs / 1000).toFixed(1),
    String(figures.completed),
  ];
}

/** Full batches on one worker all the time: what a pass, an admission and a block cost. */
export function run(): void {
  console.log(
    `${REQUESTS} requests of ${INPUT_TOKENS} in, ${OUTPUT_TOKENS} out, ${CONCURRENCY} at a time, ` +
      `one worker, ${BLOCKS} blocks of ${BLOCK_TOKENS}, polynomial`,
  );
  const dynamo = findDynamo();
  const ours = flyOurs();
  const theirs = dynamo === undefined ? undefined : flyTheirs(dynamo);
  const rows = [cells('Windtunnel', RUNS, ours)];
  if (theirs !== undefined) rows.push(cells('Dynamo', DYNAMO_RUNS, theirs));
  printTable(['program', 'runs', 'best ms', 'median ms', 'simulated s', 'completed'], rows);
  if (theirs === undefined) return;
  judge('times Dynamo, medians', theirs.medianMs / ours.medianMs, 'least', TIMES_DYNAMO_MIN);
}
