import { rmSync } from 'node:fs';
import { ServeProcess } from '#test/support/serve-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane, Verdict } from '../lane.ts';
import { askAboutDocuments, type LoadSum, sumOf } from '../prefix-load.ts';
import { writeTinyModel } from '../tiny-model.ts';
import { MOCKER_BLOCK_SIZE, MockerEngine } from './mocker-engine.ts';
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
      const kv = await fly(engines, 'kv_router', 1);
      return verdictOf(kv, await fly(engines, 'round_robin', 2));
    } finally {
      await Promise.all(engines.map((engine) => engine.stop()));
      rmSync(model, { recursive: true });
    }
  },
};

async function fly(engines: readonly MockerEngine[], mode: string, seed: number): Promise<LoadSum> {
  const entries = engines.map(({ url, kvEvents, kvReplay }, at) => ({
    ...{ name: 'ab'[at], url, backend: 'vllm', block_size: MOCKER_BLOCK_SIZE },
    ...{ kv_events: kvEvents, kv_replay: kvReplay },
  }));
  const router = await ServeProcess.start({ engines: entries, router: { mode } });
  try {
    await until('the router knows what the workers hold', async () =>
      (await router.status()).kv_events.every(({ state }) => state === 'exact'),
    );
    const size = { requests: 200, documents: 16, documentTokens: 128, outputTokens: 6 };
    const rest = { questionTokens: [5, 40], atOnce: 3, blockSize: MOCKER_BLOCK_SIZE } as const;
    return sumOf(await askAboutDocuments({ url: router.url, seed, ...size, ...rest }));
  } finally {
    await router.stop();
  }
}

function verdictOf(kv: LoadSum, turns: LoadSum): Verdict {
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  const complete = [kv, turns].every(({ requests, complete }) => complete === requests);
  const isPredicted = kv.predicted >= LEAST_PREDICTED * kv.requests;
  return {
    passed: complete && isPredicted && kv.reuse > turns.reuse,
    text: [
      `${kv.complete} of ${kv.requests} answers complete`,
      `cached tokens as predicted in ${kv.predicted}`,
      `${percent(kv.reuse)} of prompt tokens reused by kv_router, ${percent(turns.reuse)} in turns`,
    ].join('; '),
  };
}
