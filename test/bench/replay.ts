import { resolveConfig } from '#core/config/resolve.ts';
import type { RunResult } from '#sim/report/run-result.ts';
import { run as fly } from '#sim/run.ts';
import type { LoadedTrace } from '#traces/loaded-trace.ts';
import { secondsCell, wallTimeCells } from './support/beside-dynamo.ts';
import { conversationPath, readConversation, withPlainTrace } from './support/conversation.ts';
import { type FlightFigures, findDynamo, flyDynamo } from './support/dynamo.ts';
import { judge, printTable } from './support/print.ts';
import { measure, measureInTurns, type Timing } from './support/timing.ts';

const RUNS = 7;
const WARMUPS = 4;
const DYNAMO_RUNS = 3;
const TIMES_DYNAMO_MIN = 20;
const FLEETS = [16, 64, 256];
const FLEET_RATIO_MAX = 1.5;
const ARRIVAL_SPEEDUP = 4;

interface Case {
  readonly mode: 'kv_router' | 'round_robin';
  readonly workers: number;
  readonly blockSize: number;
  readonly blocks: number;
}

const CASES: readonly Case[] = [
  { mode: 'kv_router', workers: 16, blockSize: 512, blocks: 2_048 },
  { mode: 'round_robin', workers: 16, blockSize: 512, blocks: 2_048 },
  { mode: 'kv_router', workers: 16, blockSize: 64, blocks: 16_384 },
  { mode: 'round_robin', workers: 16, blockSize: 64, blocks: 16_384 },
];

/** A flight of the whole trace, ready to be repeated, and what the last one gave. */
class Flight {
  last: RunResult | undefined;
  readonly #trace: LoadedTrace;
  readonly #config;
  #seed = 0;

  constructor(trace: LoadedTrace, { mode, workers, blockSize, blocks }: Case) {
    this.#trace = trace;
    this.#config = resolveConfig({
      version: 1,
      cluster: { workers },
      engine: { block_size: blockSize, num_gpu_blocks: blocks },
      router: { mode },
      workload: { arrival_speedup_ratio: ARRIVAL_SPEEDUP },
    });
  }

  /** Each time with the next seed, as in a comparison. */
  fly(): void {
    const { batches, hasContent, sessions } = this.#trace;
    this.last = fly({ config: this.#config, seed: this.#seed++, batches, hasContent, sessions });
  }

  get simulatedMs(): number {
    return (this.last?.simulatedNs ?? 0) / 1e6;
  }
}

function flyPeer(dynamo: string, plain: string, flown: Case): FlightFigures {
  const { mode, workers, blockSize, blocks } = flown;
  const engine = {
    backend: 'vllm',
    block_size: blockSize,
    num_gpu_blocks: blocks,
    timing_model: { type: 'polynomial' },
  };
  const options = {
    num_workers: workers,
    router_mode: mode,
    arrival_speedup_ratio: ARRIVAL_SPEEDUP,
    trace_block_size: 512,
    trace_format: 'mooncake',
  };
  return flyDynamo(dynamo, { trace: plain, engine, options }, DYNAMO_RUNS);
}

interface Row {
  readonly name: string;
  readonly ours: Timing;
  readonly simulatedMs: number;
  readonly theirs: FlightFigures | undefined;
}

function cells({ name, ours, simulatedMs, theirs }: Row): string[] {
  return [
    name,
    ...wallTimeCells(ours, theirs),
    secondsCell(simulatedMs),
    secondsCell(theirs?.simulatedMs),
    (simulatedMs / ours.medianMs).toFixed(0),
  ];
}

function besideDynamo(trace: LoadedTrace, path: string): void {
  const dynamo = findDynamo();
  const rows: Row[] = [];
  withPlainTrace(path, (plain) => {
    for (const flown of CASES) {
      const flight = new Flight(trace, flown);
      const ours = measure(() => flight.fly(), RUNS, WARMUPS);
      const theirs = dynamo === undefined ? undefined : flyPeer(dynamo, plain, flown);
      const name = `${flown.mode}, ${flown.blocks} blocks of ${flown.blockSize}`;
      rows.push({ name, ours, simulatedMs: flight.simulatedMs, theirs });
    }
  });
  console.log(`16 workers; ours ${RUNS} runs after ${WARMUPS} to warm up, theirs ${DYNAMO_RUNS}:`);
  printTable(
    [
      'case',
      'ours best ms',
      'median',
      'Dynamo best ms',
      'median',
      'ratio of medians',
      'simulated s',
      'Dynamo s',
      '× real time',
    ],
    rows.map(cells),
  );
  for (const { name, ours, theirs } of rows) {
    if (theirs === undefined) continue;
    judge(`times Dynamo, ${name}`, theirs.medianMs / ours.medianMs, 'least', TIMES_DYNAMO_MIN);
  }
}

function growFleet(trace: LoadedTrace): void {
  const flights = FLEETS.map(
    (workers) => new Flight(trace, { mode: 'kv_router', workers, blockSize: 512, blocks: 2_048 }),
  );
  const bodies = flights.map((flight) => () => flight.fly());
  const timings = measureInTurns(bodies, RUNS, WARMUPS);
  const smallest = timings[0];
  if (smallest === undefined) return;
  console.log('the same arrivals on larger fleets, kv_router, 2048 blocks of 512, in turns:');
  const rows = timings.map(({ bestMs, medianMs }, index) => [
    String(FLEETS[index]),
    bestMs.toFixed(0),
    medianMs.toFixed(0),
    (medianMs / smallest.medianMs).toFixed(2),
  ]);
  printTable(['workers', 'best ms', 'median ms', 'ratio of medians'], rows);
  for (const [index, { medianMs }] of timings.entries()) {
    if (index === 0) continue;
    const what = `time of ${FLEETS[index]} workers over that of ${FLEETS[0]}`;
    judge(what, medianMs / smallest.medianMs, 'most', FLEET_RATIO_MAX);
  }
}

/**
 * Mooncake's conversation trace at four times its speed, whole simulation without reading the file,
 * and Dynamo's own replay of the same case in the same run.
 */
export async function run(): Promise<void> {
  const path = conversationPath();
  if (path === undefined) return;
  const trace = await readConversation(path);
  console.log(
    `Mooncake conversation, ${trace.requests} requests at ×${ARRIVAL_SPEEDUP}, polynomial`,
  );
  besideDynamo(trace, path);
  growFleet(trace);
}
