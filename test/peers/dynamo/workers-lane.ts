import { rmSync } from 'node:fs';
import { ServeProcess } from '#test/support/serve-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane, Verdict } from '../lane.ts';
import { askAboutDocuments, type LoadSum, sumOf } from '../prefix-load.ts';
import { writeTinyModel } from '../tiny-model.ts';
import { MOCKER_BLOCK_SIZE } from './dynamo-process.ts';
import { MockerEngine } from './mocker-engine.ts';
import { provideDynamo } from './python.ts';

/** KV blocks of a worker: some of the documents have to go. */
const BLOCKS = 160;
const LEAST_PREDICTED = 0.99;

/** Our router before Dynamo's mocker workers: their HTTP, their KV events, their replays. */
export const dynamoWorkers: Lane = {
  name: 'dynamo-workers',
  isApart: true,
  prepare: provideDynamo,
  run: async () => {
    const python = provideDynamo();
    const model = writeTinyModel();
    const engines: MockerEngine[] = [];
    try {
      for (let at = 0; at < 2; at++) engines.push(await MockerEngine.start(python, model, BLOCKS));
      const turns = await fly({ engines: bySockets(engines), router: { mode: 'round_robin' } }, 1);
      const kv = await fly({ engines: bySockets(engines), router: { mode: 'kv_router' } }, 2);
      return verdictOf(turns, kv, await fly(byPlane(engines), 3));
    } finally {
      await Promise.all(engines.map((engine) => engine.stop()));
      rmSync(model, { recursive: true });
    }
  },
};

/** Engines whose KV events come from the sockets of the engines themselves. */
function bySockets(engines: readonly MockerEngine[]): readonly object[] {
  return engines.map((engine, at) => ({
    ...entryOf(engine, at),
    ...{ kv_events: engine.kvEvents, kv_replay: engine.kvReplay },
  }));
}

/** A router that hears of them on Dynamo's event plane. */
function byPlane(engines: readonly MockerEngine[]): Readonly<Record<string, unknown>> {
  const planes = engines.map(({ plane }) => plane);
  return {
    engines: engines.map((engine, at) => ({
      ...entryOf(engine, at),
      worker_id: planes[at]!.worker,
    })),
    event_plane: { subscribe: { zmq: planes.map(({ address }) => address) } },
    router: { mode: 'kv_router' },
  };
}

function entryOf({ url }: MockerEngine, at: number): object {
  // What its frontend speaks besides is nearest to vLLM's.
  return { name: 'ab'[at], url, backend: 'vllm', block_size: MOCKER_BLOCK_SIZE };
}

/** Questions about documents that nobody has seen before. */
async function fly(config: Readonly<Record<string, unknown>>, seed: number): Promise<LoadSum> {
  const router = await ServeProcess.start(config);
  try {
    await until('the router knows what the workers hold', async () =>
      (await router.status()).kv_events.every(({ state }) => state !== 'degraded'),
    );
    const size = { requests: 200, documents: 16, documentTokens: 128, outputTokens: 6 };
    const rest = { questionTokens: [5, 40], atOnce: 3, blockSize: MOCKER_BLOCK_SIZE } as const;
    return sumOf(await askAboutDocuments({ url: router.url, seed, ...size, ...rest }));
  } finally {
    await router.stop();
  }
}

function verdictOf(turns: LoadSum, kv: LoadSum, plane: LoadSum): Verdict {
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const all = [turns, kv, plane];
  const isComplete = all.every(({ requests, complete }) => complete === requests);
  const isPredicted = [kv, plane].every((one) => one.predicted >= LEAST_PREDICTED * one.requests);
  const complete = all.reduce((sum, one) => sum + one.complete, 0);
  return {
    passed: isComplete && isPredicted && kv.reuse > turns.reuse,
    text: [
      `${complete} answers complete`,
      `of ${kv.requests} each, cached tokens as predicted in ${kv.predicted} by the sockets of the workers, in ${plane.predicted} by Dynamo's event plane`,
      `${percent(kv.reuse)} of prompt tokens reused by kv_router, ${percent(turns.reuse)} in turns`,
    ].join('; '),
  };
}
