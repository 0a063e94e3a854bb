import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { leaveOften } from './support/leaving-clients.ts';
import { PairedLoad, type RateFigures } from './support/paired-load.ts';
import { judge, printTable } from './support/print.ts';
import { type ServeCluster, startServeCluster } from './support/serve-cluster.ts';
import { percentile, StreamClient } from './support/stream-load.ts';

const WARM_UP_RATE = 200;
const WARM_UP_S = 8;
/** Pairs of slices at each rate. */
const PAIRS = 4;
const LEAVERS = 300;

const ADDED_P50_MS_MAX = 1;
const ADDED_P99_MS_MAX = 5;
const STALL_MS_MAX = 50;

/**
 * Passes that take next to no time, so that what is measured is what lies before the engine, and
 * caches that are full, so that each new block drives an old one out and is told of with it.
 */
const QUICK_ENGINE = `engine: {block_size: 16, num_gpu_blocks: 16000, max_num_seqs: 1024, max_model_len: 16384, timing: {type: linear, base_ms: 0.5, per_prefill_token_ms: 0, per_decode_request_ms: 0}}\n`;
/** Passes of a quarter of a second: streams stay open. */
const SLOW_ENGINE = QUICK_ENGINE.replace('base_ms: 0.5', 'base_ms: 250').replace(
  'max_num_seqs: 1024',
  'max_num_seqs: 2048',
);
/** Passes of 5 ms: answers are under way long enough to be left. */
const STEADY_ENGINE = QUICK_ENGINE.replace('base_ms: 0.5', 'base_ms: 5');

interface Settings {
  readonly rates: readonly number[];
  readonly pairs: number;
  readonly streams: number;
  readonly profile: string | undefined;
}

/** What the front adds, whether it stalls, and how soon an engine hears that a client has left. */
export async function run(args: readonly string[]): Promise<void> {
  const settings = readSettings(args);
  const load = loadavg()[0]!.toFixed(1);
  console.log(
    `windtunnel serve before two mock engines, KV routing, ${cpus().length} cores shared with both and the load, load average ${load}`,
  );
  const { profile } = settings;
  await withCluster(QUICK_ENGINE, profile, (cluster) => addedTtft(cluster, settings));
  await withCluster(STEADY_ENGINE, undefined, leavingClients);
  await withCluster(SLOW_ENGINE, undefined, (cluster) => openStreams(cluster, settings));
}

async function withCluster(
  engine: string,
  profile: string | undefined,
  act: (cluster: ServeCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startServeCluster({ engine, workers: 2, profile });
  try {
    await act(cluster);
  } finally {
    await cluster.close();
  }
}

async function addedTtft(cluster: ServeCluster, { rates, pairs }: Settings): Promise<void> {
  const engines = { engines: cluster.enginesCpuMs };
  const load = new PairedLoad(
    { name: 'direct', urls: cluster.engines, cpuMs: () => told(engines) },
    {
      ...{ name: 'through the router', urls: [cluster.router] },
      cpuMs: () => told({ router: cluster.routerCpuMs, ...engines }),
    },
  );
  await load.warmUp(WARM_UP_RATE, WARM_UP_S);
  const figures: RateFigures[] = [];
  for (const rate of rates) figures.push(await load.at(rate, pairs));
  load.close();
  console.log(
    `\nTTFT of 2,000 prompt tokens, ms; ${pairs} pairs of slices of 1 s, direct and through the router at the same rate; CPU of a request through it, ms`,
  );
  printTable(
    [
      ...['requests/s', 'direct p50', 'p99', 'through p50', 'p99', 'added p50', 'p99', 'kept up'],
      ...['failed', 'CPU router', 'engines', 'load'],
    ],
    figures.map(({ ratePerS, ways: [direct, through], added }) => [
      String(ratePerS),
      ...[direct, through, added].flatMap(({ p50, p99 }) => [p50.toFixed(2), p99.toFixed(2)]),
      through.keptUp ? 'yes' : 'no',
      String(direct.failed + through.failed),
      ...['router', 'engines', 'load'].map((who) => through.cpuMs[who]!.toFixed(2)),
    ]),
  );
  const { ratePerS, added, ways } = figures.at(-1)!;
  const cpu = ways[1].cpuMs;
  const cores = (ms: number): string => ((ratePerS * ms) / 1_000).toFixed(2);
  const all = Object.values(cpu).reduce((sum, ms) => sum + ms, 0);
  console.log(
    `  ${ratePerS} requests/s need ${cores(cpu.router!)} cores for the router, ${cores(all)} for it, engines and load`,
  );
  judge(`added TTFT p50 at ${ratePerS}/s, ms`, added.p50, 'most', ADDED_P50_MS_MAX);
  judge(`added TTFT p99 at ${ratePerS}/s, ms`, added.p99, 'most', ADDED_P99_MS_MAX);
  const failed = figures.flatMap((one) => one.ways).reduce((sum, one) => sum + one.failed, 0);
  if (failed > 0) judge('failed requests', failed, 'most', 0);
}

/** Processor times, NaN where the system does not tell. */
function told(
  meters: Readonly<Record<string, () => number | undefined>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(meters).map(([who, meter]) => [who, meter() ?? Number.NaN]),
  );
}

async function leavingClients(cluster: ServeCluster): Promise<void> {
  const { delaysMs, unheard } = await leaveOften(cluster, LEAVERS);
  const of = (share: number): string => percentile(delaysMs, share).toFixed(1);
  console.log(
    `\n${LEAVERS} clients leave at their first token; until the engine has no request: p50 ${of(0.5)} ms, p99 ${of(0.99)} ms; ${unheard} never`,
  );
}

async function openStreams(cluster: ServeCluster, { streams }: Settings): Promise<void> {
  const clients = new StreamClient(cluster.router);
  const body = (at: number): string =>
    JSON.stringify({ model: 'tiny', prompt: [at + 300, 1, 2, 3], max_tokens: 400, stream: true });
  const answers = Array.from({ length: streams }, (_, at) => clients.send(body(at)));
  // The meter shows the last 10 to 20 seconds: the opening of the streams is over by then.
  await new Promise((done) => setTimeout(done, 35_000));
  const status = (await (await fetch(`${cluster.router}/status`)).json()) as {
    requests_under_way: number;
    event_loop_delay_ms: { p50: number; p99: number; max: number };
  };
  const { p50, p99, max } = status.event_loop_delay_ms;
  console.log(
    `\n${status.requests_under_way} open streams, 4 events/s each; event loop delay p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
  judge('longest stall, ms', max, 'most', STALL_MS_MAX);
  clients.close();
  await Promise.all(answers);
}

function readSettings(args: readonly string[]): Settings {
  const text = { type: 'string' } as const;
  const options = { rates: text, pairs: text, streams: text, profile: text };
  const { values } = parseArgs({ args: [...args], options });
  const rates = (values.rates ?? '50,100,200,300,400,500')
    .split(',')
    .map((rate) => above0('--rates', rate));
  return {
    rates,
    pairs: above0('--pairs', values.pairs ?? String(PAIRS)),
    streams: above0('--streams', values.streams ?? '2000'),
    profile: values.profile,
  };
}

function above0(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name} takes numbers above 0, got ${text}`);
  return value;
}
