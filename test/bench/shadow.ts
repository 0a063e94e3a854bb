import { cpuUsage, threadCpuUsage } from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { resolveConfig } from '#core/config/resolve.ts';
import { startClock } from '#live/clock.ts';
import type { SentRequest, SentWatch } from '#live/routing/placement-watch.ts';
import { Shadow } from '#live/shadow/shadow.ts';
import { judge, printTable } from './support/print.ts';
import { driftRow } from './support/shadow-drift.ts';

const REQUESTS = 3_000;
const RATE_PER_S = 200;
const ROUNDS = 3;
const ENGINES = 8;
const BLOCKS = 125;
const TOKENS = 64;
const ANSWER_MS = 400;
/** What the router's thread may spend on a request for its shadow. */
const MAIN_US_MAX = 200;

/** Requests/s and output tokens, from a worker that is nearly idle to one that cannot keep up. */
const LOADS = [
  [2, 20],
  [8, 20],
  [12, 20],
  [13, 20],
  [2, 200],
  [4, 200],
  [6, 200],
] as const;

const DEAF: SentWatch = { progress: () => {}, ended: () => {} };

/**
 * What a shadow costs the thread of the router and its own, at prompts of 2,000 tokens that share a
 * document; and how its two ways of judging an engine fare, on engines that are as the model says and
 * on engines that are 1.5 times as slow.
 */
export async function run(): Promise<void> {
  const costs: Cost[][] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    costs[0]!.push(await costOf(undefined));
    const shadow = openShadow();
    await shadow.begun;
    costs[1]!.push(await costOf(shadow));
    await shadow.close();
  }
  const [without, beside] = costs.map(bestOf);
  console.log(`µs of processor time a request, best of ${ROUNDS}, ${RATE_PER_S} requests/s`);
  printTable(
    ['', "router's thread", 'all threads'],
    [
      ['load alone', ...micros(without!)],
      ['with a shadow', ...micros(beside!)],
    ],
  );
  const added = beside!.main - without!.main;
  judge("µs of the router's thread for the shadow", added, 'most', MAIN_US_MAX);
  console.log(
    '\nshare of 2,000 requests with the E2E alarm up, and the request with which it rose',
  );
  const rows = LOADS.map(([rate, tokens]) => driftRow(rate, tokens));
  printTable(
    ['requests/s, tokens', 'by forecasts', 'in hindsight', '1.5 × slower: rose with'],
    rows.map(({ byForecast, inHindsight, risesWith }, at) => [
      LOADS[at]!.join(', '),
      `${(100 * byForecast).toFixed(1)} %`,
      `${(100 * inHindsight).toFixed(1)} %`,
      String(risesWith),
    ]),
  );
  judge('alarms in hindsight', Math.max(...rows.map((row) => row.inHindsight)), 'most', 0);
  judge('requests until a step is told', Math.max(...rows.map((row) => row.risesWith)), 'most', 25);
}

interface Cost {
  readonly main: number;
  readonly all: number;
}

function openShadow(): Shadow {
  const timing = { type: 'linear', base_ms: 5, per_prefill_token_ms: 0.02 };
  return new Shadow({
    config: {
      ...{ window: 512, drift_band: 0.25, drift_floor_ms: 10, queue_facts: 8192 },
      advise_requests: 2000,
    },
    run: resolveConfig({ engine: { block_size: 16, num_gpu_blocks: 20_000, timing } }),
    ...{ knowsBlocks: true, clock: startClock(), note: () => {} },
  });
}

/** Microseconds a request: of this thread, and of all. */
async function costOf(shadow: Shadow | undefined): Promise<Cost> {
  const clock = startClock();
  const [main, all] = [threadCpuUsage(), cpuUsage()];
  for (let index = 0; index < REQUESTS; index++) {
    const watch = shadow?.sent(requestOf(index, clock.nowNs())) ?? DEAF;
    void answer(watch);
    const leftMs = ((index + 1) / RATE_PER_S) * 1e3 - clock.nowNs() / 1e6;
    if (leftMs > 1) await setTimeout(leftMs);
  }
  await setTimeout(2 * ANSWER_MS);
  const [ownUse, allUse] = [threadCpuUsage(main), cpuUsage(all)];
  return {
    main: (ownUse.user + ownUse.system) / REQUESTS,
    all: (allUse.user + allUse.system) / REQUESTS,
  };
}

async function answer(watch: SentWatch): Promise<void> {
  await setTimeout(ANSWER_MS);
  for (let token = 1; token <= TOKENS; token++) watch.progress(token);
  watch.ended(true);
}

/** A prompt of 2,000 tokens, nearly half of which twenty others begin with. */
function requestOf(index: number, atNs: number): SentRequest {
  const hash = (block: number): bigint =>
    BigInt(block < 60 ? (index % 20) * 1_000 + block : 1_000_000 + index * 1_000 + block);
  const hashes = BigUint64Array.from({ length: BLOCKS }, (_, block) => hash(block));
  const number = index % ENGINES;
  const ask = { prompt: { inputTokens: 2_000, hashes }, outputTokens: 0, maxOutputTokens: TOKENS };
  return {
    ask: { ...ask, priority: 0, strictPriority: 0, task: 'generate' },
    engine: {
      ...{ name: `engine-${number}`, backend: 'vllm', url: '', role: 'aggregated', dpSize: 1 },
      ...{ worker: number, target: number },
    },
    ...{ rank: 0, overlapBlocks: 0, queuedNs: 0, atNs },
  };
}

function bestOf(costs: readonly Cost[]): Cost {
  return {
    main: Math.min(...costs.map(({ main }) => main)),
    all: Math.min(...costs.map(({ all }) => all)),
  };
}

function micros({ main, all }: Cost): readonly string[] {
  return [main.toFixed(0), all.toFixed(0)];
}
