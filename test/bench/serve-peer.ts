import { loadavg } from 'node:os';
import { findDynamo } from './support/dynamo.ts';
import {
  DYNAMO_VOCABULARY,
  type DynamoFrontend,
  startDynamoFrontend,
} from './support/dynamo-frontend.ts';
import { PairedLoad, type RateFigures, type Way } from './support/paired-load.ts';
import { judge, printTable } from './support/print.ts';
import { type ServeCluster, startServeCluster } from './support/serve-cluster.ts';
import { percentile } from './support/stream-load.ts';

const WARM_UP_RATE = 100;
const WARM_UP_S = 6;
const RATES = [50, 100, 200, 300];
const PAIRS = 4;
const CLIENTS = 32;

/** Passes that take next to no time, as those of Dynamo's workers at a speed of 1,000. */
const ENGINE =
  'engine: {block_size: 16, num_gpu_blocks: 16000, max_num_seqs: 1024, max_num_batched_tokens: 8192, max_model_len: 16384, timing: {type: linear, base_ms: 0.02, per_prefill_token_ms: 0, per_decode_request_ms: 0}}\n';

/**
 * `windtunnel serve` beside Dynamo's own frontend, both with their KV router and each before two mock
 * workers of its own kind: Dynamo's speak its request plane alone, ours HTTP. The same load goes to
 * both in turns, so that the whole ways are compared, router and workers.
 */
export async function run(): Promise<void> {
  const python = findDynamo();
  if (python === undefined) return;
  let dynamo: DynamoFrontend | undefined;
  try {
    dynamo = await startDynamoFrontend(python);
  } catch (error) {
    console.log(`Dynamo's frontend does not start here: ${(error as Error).message}`);
    process.exitCode = 1;
    return;
  }
  const ours = await startServeCluster({ engine: ENGINE, workers: 2 });
  try {
    await compare(ours, dynamo);
  } finally {
    await ours.close();
    await dynamo.close();
  }
}

async function compare(ours: ServeCluster, dynamo: DynamoFrontend): Promise<void> {
  const nan = Number.NaN;
  const theirWay: Way = {
    ...{ name: 'Dynamo', urls: [dynamo.url] },
    cpuMs: () => ({
      router: dynamo.frontendCpuMs() ?? nan,
      workers: dynamo.workersCpuMs() ?? nan,
    }),
  };
  const ourWay: Way = {
    ...{ name: 'Windtunnel', urls: [ours.router] },
    cpuMs: () => ({ router: ours.routerCpuMs() ?? nan, workers: ours.enginesCpuMs() ?? nan }),
  };
  const load = new PairedLoad(theirWay, ourWay, DYNAMO_VOCABULARY);
  await load.warmUp(WARM_UP_RATE, WARM_UP_S);
  console.log(
    `TTFT of 2,000 prompt tokens through a KV router, ms; ${PAIRS} pairs of slices of 1 s; load average ${loadavg()[0]!.toFixed(1)}`,
  );
  const figures: RateFigures[] = [];
  for (const rate of RATES) figures.push(await load.at(rate, PAIRS));
  printTable(
    [
      ...['requests/s', 'of', 'p50', 'p99', 'kept up', 'failed'],
      ...['CPU ms router', 'workers', 'both'],
    ],
    figures.flatMap(({ ratePerS, ways }) =>
      ways.map(({ name, p50, p99, keptUp, failed, cpuMs: { router, workers } }) => [
        ...[String(ratePerS), name, p50.toFixed(2), p99.toFixed(2), keptUp ? 'yes' : 'no'],
        String(failed),
        ...[router!, workers!, router! + workers!].map((ms) => ms.toFixed(2)),
      ]),
    ),
  );
  const [theirs, own] = await load.throughput(CLIENTS, 2 * PAIRS);
  load.close();
  console.log(
    `  ${CLIENTS} clients without a pause: Dynamo ${theirs.toFixed(0)} answers/s, Windtunnel ${own.toFixed(0)}`,
  );
  const ratios = figures.map(({ ways: [dynamo, windtunnel] }) => windtunnel.p50 / dynamo.p50);
  judge('throughput, ours ÷ theirs', own / theirs, 'least', 1);
  judge('TTFT p50, ours ÷ theirs, median of the rates', percentile(ratios, 0.5), 'most', 1);
}
