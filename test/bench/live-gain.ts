import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { BLOCK, mockEngine, sharingRows } from '#test/contract/mock-traffic.ts';
import { tokensOf } from '#test/contract/trace-prompts.ts';
import type { HandRow } from '#test/reference/hand-trace.ts';
import { judge, printTable } from './support/print.ts';
import { startServeCluster } from './support/serve-cluster.ts';
import { StreamClient, type StreamTiming } from './support/stream-load.ts';

const MAIN = resolve(import.meta.dirname, '..', '..', 'ui', 'cli', 'main.ts');
const WORKERS = 4;
const REQUESTS = 96;
/** Passes of 60 ms and more, so that the milliseconds of a busy machine count for little. */
const SLOWNESS = 30;
const MOST_APART_PERCENT = 10;

const MODES = ['round_robin', 'kv_router'] as const;

interface Means {
  readonly ttftMs: number;
  readonly e2eMs: number;
}

/**
 * What KV routing gains on prompts that share documents, in real time behind `windtunnel serve`, and
 * by what `windtunnel compare` said of the same trace.
 */
export async function run(): Promise<void> {
  const rows = sharingRows(REQUESTS, SLOWNESS);
  const predicted = compare(rows);
  console.log(
    `${REQUESTS} requests about 8 documents, ${WORKERS} mock engines in real time, load average ${loadavg()[0]!.toFixed(1)}`,
  );
  const live: Means[] = [];
  for (const mode of MODES) live.push(await flyLive(rows, mode));
  const apart = (of: keyof Means, at: number): number =>
    100 * (live[at]![of] / predicted[at]![of] - 1);
  printTable(
    ['mean ms', 'TTFT predicted', 'live', 'apart', 'E2E predicted', 'live', 'apart'],
    MODES.map((mode, at) => [
      mode,
      ...(['ttftMs', 'e2eMs'] as const).flatMap((of) => [
        predicted[at]![of].toFixed(1),
        live[at]![of].toFixed(1),
        `${apart(of, at).toFixed(2)} %`,
      ]),
    ]),
  );
  const [gainPredicted, gainLive] = [predicted, live].map(
    ([roundRobin, kv]) => roundRobin!.ttftMs / kv!.ttftMs,
  );
  console.log(
    `  TTFT of round robin ÷ that of KV routing: ${gainPredicted!.toFixed(3)} predicted, ${gainLive!.toFixed(3)} live`,
  );
  judge(
    'gains apart, %',
    Math.abs(100 * (gainLive! / gainPredicted! - 1)),
    'most',
    MOST_APART_PERCENT,
  );
}

/** What the CLI says of both routers on this trace, on one seed: the live router draws its ties by the same. */
function compare(rows: readonly HandRow[]): readonly Means[] {
  const folder = mkdtempSync(join(tmpdir(), 'windtunnel-gain-'));
  try {
    const [trace, config] = [join(folder, 'trace.jsonl'), join(folder, 'run.yaml')];
    const lines = rows.map(({ atMs, input, output, ids }) =>
      JSON.stringify({
        timestamp: atMs,
        input_length: input,
        output_length: output,
        hash_ids: ids,
      }),
    );
    writeFileSync(trace, `${lines.join('\n')}\n`);
    writeFileSync(
      config,
      stringify({
        cluster: { workers: WORKERS },
        engine: mockEngine(SLOWNESS),
        workload: { trace_block_size: BLOCK, arrival_jitter: false },
      }),
    );
    const vary = `router.mode=${MODES.join(',')}`;
    const args = ['compare', trace, '--config', config, '--vary', vary, '--seeds', '1'];
    const { status, stdout, stderr } = spawnSync(
      execPath,
      [MAIN, ...args, '--format', 'json', '--quiet'],
      { encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(`windtunnel compare: ${stderr}`);
    const { candidates } = JSON.parse(stdout) as {
      readonly candidates: readonly {
        readonly metrics: Readonly<
          Record<'ttft_ms_mean' | 'e2e_ms_mean', { readonly value: number }>
        >;
      }[];
    };
    return candidates.map(({ metrics }) => ({
      ttftMs: metrics.ttft_ms_mean.value,
      e2eMs: metrics.e2e_ms_mean.value,
    }));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function flyLive(rows: readonly HandRow[], mode: (typeof MODES)[number]): Promise<Means> {
  const cluster = await startServeCluster({
    engine: stringify({ engine: mockEngine(SLOWNESS) }),
    workers: WORKERS,
    router: { mode },
  });
  const client = new StreamClient(cluster.router);
  try {
    const requests = rows.map(bodyOf);
    const beganMs = performance.now();
    const answers: Promise<StreamTiming>[] = [];
    for (const [at, { atMs }] of rows.entries()) {
      await sleep(Math.max(0, beganMs + atMs! - performance.now()));
      answers.push(client.send(requests[at]!));
    }
    const timings = await Promise.all(answers);
    const failed = timings.filter(({ ttftMs }) => ttftMs < 0).length;
    if (failed > 0) throw new Error(`${failed} requests failed`);
    const mean = (of: keyof StreamTiming): number =>
      timings.reduce((sum, timing) => sum + timing[of], 0) / timings.length;
    return { ttftMs: mean('ttftMs'), e2eMs: mean('e2eMs') };
  } finally {
    client.close();
    await cluster.close();
  }
}

function bodyOf({ ids, input, output }: HandRow): string {
  const prompt = tokensOf(ids!, BLOCK, input);
  return JSON.stringify({
    model: 'tiny',
    prompt,
    max_tokens: output,
    ignore_eos: true,
    stream: true,
  });
}
