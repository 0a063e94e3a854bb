import { cpus, loadavg } from 'node:os';
import { openStream } from '#core/base/random.ts';
import { judge, printTable } from './support/print.ts';
import { type ServeCluster, startServeCluster } from './support/serve-cluster.ts';
import { openLoop, percentile, StreamClient } from './support/stream-load.ts';

const PROMPT_TOKENS = 2_000;
const SHARED_TOKENS = 1_600;
const FAMILIES = 64;
const OUTPUT_TOKENS = 4;
/** For each proxied request so many go straight to an engine, to compare with. */
const DIRECT_SHARE = 0.2;
const WARM_UP_S = 3;

const ADDED_P50_MS_MAX = 1;
const ADDED_P99_MS_MAX = 5;
const STALL_MS_MAX = 50;

/** Passes that take next to no time, so that what is measured is what lies before the engine. */
const QUICK_ENGINE = `engine: {block_size: 16, num_gpu_blocks: 40000, max_num_seqs: 1024, max_model_len: 16384, timing: {type: linear, base_ms: 0.5, per_prefill_token_ms: 0, per_decode_request_ms: 0}}\n`;
/** Passes of a quarter of a second: streams stay open. */
const SLOW_ENGINE = QUICK_ENGINE.replace('base_ms: 0.5', 'base_ms: 250').replace(
  'max_num_seqs: 1024',
  'max_num_seqs: 2048',
);

interface Settings {
  readonly rate: number;
  readonly seconds: number;
  readonly streams: number;
}

/** What the front adds, and whether it stalls: direct and proxied requests of one run, side by side. */
export async function run(args: readonly string[]): Promise<void> {
  const settings = {
    rate: flag(args, '--rate', 500),
    seconds: flag(args, '--seconds', 15),
    streams: flag(args, '--streams', 2_000),
  };
  const load = loadavg()[0]!.toFixed(1);
  console.log(
    `windtunnel serve before two mock engines, KV routing, ${cpus().length} cores shared with both and the load, load average ${load}`,
  );
  await withCluster(QUICK_ENGINE, (cluster) => addedTtft(cluster, settings));
  await withCluster(SLOW_ENGINE, (cluster) => openStreams(cluster, settings));
}

async function withCluster(
  engine: string,
  act: (cluster: ServeCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startServeCluster(engine);
  try {
    await act(cluster);
  } finally {
    await cluster.close();
  }
}

async function addedTtft(cluster: ServeCluster, { rate, seconds }: Settings): Promise<void> {
  const prompts = drawPrompts();
  const proxied = new StreamClient(cluster.router);
  const engines = cluster.engines.map((url) => new StreamClient(url));
  const ttft = { direct: [] as number[], proxied: [] as number[] };
  const stream = openStream(42, 'bench/serve');
  const oneRequest = async (at: number): Promise<void> => {
    const isDirect = stream.nextBelow(1_000) < (DIRECT_SHARE / (1 + DIRECT_SHARE)) * 1_000;
    const client = isDirect ? engines[at % engines.length]! : proxied;
    const { ttftMs } = await client.send(prompts(at));
    (isDirect ? ttft.direct : ttft.proxied).push(ttftMs);
  };
  await openLoop(rate / 5, WARM_UP_S, oneRequest);
  const cpuBefore = cluster.routerCpuMs();
  ttft.direct.length = 0;
  ttft.proxied.length = 0;
  await openLoop(rate * (1 + DIRECT_SHARE), seconds, oneRequest);
  await Promise.all([proxied, ...engines].map((client) => client.close()));
  const failed = [...ttft.direct, ...ttft.proxied].filter((ms) => ms < 0).length;
  const [direct, through] = [ttft.direct, ttft.proxied].map((all) => all.filter((ms) => ms >= 0));
  console.log(
    `\n${rate} requests/s through the router and ${rate * DIRECT_SHARE}/s past it for ${seconds} s, ${PROMPT_TOKENS} prompt tokens; ${failed} failed`,
  );
  const row = (name: string, all: readonly number[]): readonly string[] => [
    name,
    String(all.length),
    ...[0.5, 0.9, 0.99].map((share) => percentile(all, share).toFixed(2)),
  ];
  printTable(
    ['TTFT, ms', 'requests', 'p50', 'p90', 'p99'],
    [row('direct', direct!), row('through the router', through!)],
  );
  const cpuAfter = cluster.routerCpuMs();
  if (cpuBefore !== undefined && cpuAfter !== undefined) {
    const each = (cpuAfter - cpuBefore) / through!.length;
    console.log(`  processor time of the router: ${each.toFixed(2)} ms a request`);
  }
  const added = (share: number): number => percentile(through!, share) - percentile(direct!, share);
  judge('added TTFT p50, ms', added(0.5), 'most', ADDED_P50_MS_MAX);
  judge('added TTFT p99, ms', added(0.99), 'most', ADDED_P99_MS_MAX);
  if (failed > 0) judge('failed requests', failed, 'most', 0);
}

async function openStreams(cluster: ServeCluster, { streams, seconds }: Settings): Promise<void> {
  const proxied = new StreamClient(cluster.router);
  const body = (at: number): string =>
    JSON.stringify({
      model: 'tiny',
      prompt: [at + 300, 1, 2, 3],
      max_tokens: Math.ceil((seconds + 20) * 4),
      stream: true,
    });
  const answers = Array.from({ length: streams }, (_, at) => proxied.send(body(at)));
  // The meter shows the last 10 to 20 seconds: the opening of the streams is over by then.
  await new Promise((done) => setTimeout(done, (seconds + 20) * 1_000));
  const status = (await (await fetch(`${cluster.router}/status`)).json()) as {
    requests_under_way: number;
    event_loop_delay_ms: { p50: number; p99: number; max: number };
  };
  const { p50, p99, max } = status.event_loop_delay_ms;
  console.log(
    `\n${status.requests_under_way} open streams, 4 events/s each; event loop delay p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
  );
  judge('longest stall, ms', max, 'most', STALL_MS_MAX);
  await proxied.close();
  await Promise.all(answers);
}

/** Prompts of families that share four fifths of their tokens; each ends on its own. */
function drawPrompts(): (at: number) => string {
  const stream = openStream(42, 'bench/serve/prompts');
  const token = (): number => 300 + stream.nextBelow(100_000);
  const beginnings = Array.from({ length: FAMILIES }, () =>
    Array.from({ length: SHARED_TOKENS }, token).join(','),
  );
  return (at) => {
    const rest = Array.from({ length: PROMPT_TOKENS - SHARED_TOKENS }, token).join(',');
    return `{"model":"tiny","prompt":[${beginnings[at % FAMILIES]},${rest}],"max_tokens":${OUTPUT_TOKENS},"stream":true}`;
  };
}

function flag(args: readonly string[], name: string, otherwise: number): number {
  const at = args.indexOf(name);
  const value = at < 0 ? otherwise : Number(args[at + 1]);
  if (!(value > 0)) throw new Error(`${name} takes a number above 0`);
  return value;
}
