import { resolveConfig } from '#core/config/resolve.ts';
import { run as fly } from '#sim/run.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { secondsCell, wallTimeCells } from './support/beside-dynamo.ts';
import { countCompleted } from './support/completed.ts';
import { conversationPath, readConversation, withPlainTrace } from './support/conversation.ts';
import { type FlightFigures, findDynamo, flyDynamo } from './support/dynamo.ts';
import { judge, printTable } from './support/print.ts';
import { measure } from './support/timing.ts';

const RUNS = 5;
const WARMUPS = 3;
const DYNAMO_RUNS = 2;
const TIMES_DYNAMO_MIN = 15;
const ARRIVAL_SPEEDUP = 4;
const BLOCK_TOKENS = 64;
const BLOCKS = 16_384;
const KV_BYTES_PER_TOKEN = 131_072;
const TRANSFER_GB_S = 64;

type Backend = 'vllm' | 'sglang' | 'trtllm';

/** Aggregated on 16 workers, or 8 that prefill and 8 that decode. */
interface Case {
  readonly backend: Backend;
  readonly mode: 'kv_router' | 'round_robin';
  readonly disaggregated: boolean;
}

const CASES: readonly Case[] = [
  ...(['sglang', 'trtllm'] as const).flatMap((backend) =>
    (['kv_router', 'round_robin'] as const).map((mode) => ({
      backend,
      mode,
      disaggregated: false,
    })),
  ),
  ...(['vllm', 'sglang', 'trtllm'] as const).map((backend) => ({
    backend,
    mode: 'kv_router' as const,
    disaggregated: true,
  })),
];

function configOf({ backend, mode, disaggregated }: Case) {
  const engine = { backend, block_size: BLOCK_TOKENS, num_gpu_blocks: BLOCKS };
  const pools = (['prefill', 'decode'] as const).map((role) => ({ role, workers: 8 }));
  return resolveConfig({
    version: 1,
    cluster: disaggregated ? { pools } : { workers: 16 },
    engine,
    router: { mode },
    workload: { arrival_speedup_ratio: ARRIVAL_SPEEDUP },
    ...(disaggregated && {
      kv_transfer: { bytes_per_token: KV_BYTES_PER_TOKEN, bandwidth_gb_s: TRANSFER_GB_S },
    }),
  });
}

/** Each run with the next seed, as in a comparison. */
function flyOurs(trace: LoadedTrace, flown: Case): FlightFigures {
  const config = configOf(flown);
  const { batches, hasContent, sessions } = trace;
  let seed = 0;
  let simulatedMs = 0;
  let completed = 0;
  const body = (): void => {
    const result = fly({ config, seed: seed++, batches, hasContent, sessions });
    simulatedMs = result.simulatedNs / 1e6;
    completed = countCompleted(result.requests);
  };
  return { ...measure(body, RUNS, WARMUPS), simulatedMs, completed };
}

function flyTheirs(
  dynamo: string,
  plain: string,
  { backend, mode, disaggregated }: Case,
): FlightFigures {
  const engine = {
    backend,
    block_size: BLOCK_TOKENS,
    num_gpu_blocks: BLOCKS,
    timing_model: { type: 'polynomial' },
  };
  const transfer = {
    kv_transfer_bytes_per_token: KV_BYTES_PER_TOKEN,
    kv_transfer_bandwidth: TRANSFER_GB_S,
  };
  const options = {
    router_mode: mode,
    arrival_speedup_ratio: ARRIVAL_SPEEDUP,
    trace_block_size: 512,
    trace_format: 'mooncake',
    ...(disaggregated ? { num_prefill_workers: 8, num_decode_workers: 8 } : { num_workers: 16 }),
  };
  const engines = disaggregated
    ? {
        prefill_engine: { ...engine, ...transfer, worker_type: 'prefill' },
        decode_engine: { ...engine, ...transfer, worker_type: 'decode' },
      }
    : { engine };
  return flyDynamo(dynamo, { trace: plain, options, ...engines }, DYNAMO_RUNS);
}

function nameOf({ backend, mode, disaggregated }: Case): string {
  return `${backend}, ${disaggregated ? '8 prefill + 8 decode' : '16 workers'}, ${mode}`;
}

function cells(name: string, ours: FlightFigures, theirs: FlightFigures | undefined): string[] {
  return [
    name,
    ...wallTimeCells(ours, theirs),
    secondsCell(ours.simulatedMs),
    secondsCell(theirs?.simulatedMs),
    String(ours.completed),
    String(theirs?.completed ?? '–'),
  ];
}

const HEADING = [
  'case',
  'ours best ms',
  'median',
  'Dynamo best ms',
  'median',
  'ratio of medians',
  'simulated s',
  'Dynamo s',
  'completed',
  'Dynamo',
];

/**
 * The engines beside vLLM's, and prefill apart from decode, on Mooncake's conversation trace at four
 * times its speed; Dynamo's own replay of the same case follows each in the same run. `args`: a part
 * of the name of the cases to fly, all by default.
 */
export async function run(args: readonly string[]): Promise<void> {
  const path = conversationPath();
  if (path === undefined) return;
  const trace = await readConversation(path);
  const dynamo = findDynamo();
  const chosen = CASES.filter((flown) => nameOf(flown).includes(args.join(' ')));
  console.log(
    `Mooncake conversation, ${trace.requests} requests at ×${ARRIVAL_SPEEDUP}, polynomial, ${BLOCKS} blocks of ${BLOCK_TOKENS}; ours ${RUNS} runs after ${WARMUPS} to warm up, theirs ${DYNAMO_RUNS}:`,
  );
  const rows = withPlainTrace(path, (plain) =>
    chosen.map((flown) => {
      const name = nameOf(flown);
      const ours = flyOurs(trace, flown);
      console.log(`${name}: ours ${ours.bestMs.toFixed(0)} ms at best`);
      const theirs = dynamo === undefined ? undefined : flyTheirs(dynamo, plain, flown);
      if (theirs !== undefined)
        console.log(`${name}: Dynamo ${theirs.bestMs.toFixed(0)} ms at best`);
      return { name, ours, theirs };
    }),
  );
  printTable(
    HEADING,
    rows.map(({ name, ours, theirs }) => cells(name, ours, theirs)),
  );
  for (const { name, ours, theirs } of rows) {
    if (theirs === undefined) continue;
    judge(`times Dynamo, ${name}`, theirs.medianMs / ours.medianMs, 'least', TIMES_DYNAMO_MIN);
  }
}
