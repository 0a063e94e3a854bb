import { rmSync } from 'node:fs';
import { EtcdServer } from '#test/support/etcd-server.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane } from '../lane.ts';
import { writeTinyModel } from '../tiny-model.ts';
import { DynamoCluster } from './dynamo-cluster.ts';
import { MOCKER_BLOCK_SIZE } from './dynamo-process.ts';
import { provideDynamo } from './python.ts';

const DOCUMENTS = 6;
const QUESTIONS = 4;
const REQUESTS = DOCUMENTS * QUESTIONS;
/** Full blocks of a document. */
const SHARED_BLOCKS = 8;
/** KV blocks of a worker, more than all documents have. */
const BLOCKS = 512;

/**
 * Our router before Dynamo's workers, found in their own discovery, file store and etcd: predicted
 * hits are the cached tokens that Dynamo reports, workers join and leave.
 */
export const dynamoDiscovery: Lane = {
  name: 'dynamo-discovery',
  isApart: true,
  prepare: provideDynamo,
  run: async () => {
    const python = provideDynamo();
    const model = writeTinyModel();
    const etcd = await EtcdServer.start();
    try {
      const overFiles = await discover({ python, model, blocks: BLOCKS });
      const overEtcd = await discover({ python, model, blocks: BLOCKS, etcd: etcd.url });
      return {
        passed: overFiles === REQUESTS && overEtcd === REQUESTS,
        text: `workers joined and left; hits as predicted in ${overFiles} of ${REQUESTS} requests over the file store, in ${overEtcd} over etcd`,
      };
    } finally {
      await etcd.stop();
      rmSync(model, { recursive: true });
    }
  },
};

/** Requests whose hit was predicted to the block. */
async function discover(options: ConstructorParameters<typeof DynamoCluster>[0]): Promise<number> {
  const { etcd } = options;
  const router = new ServeInProcess();
  const cluster = new DynamoCluster(options);
  try {
    await Promise.all([cluster.startWorker(), cluster.startWorker()]);
    await cluster.startFrontend();
    const store =
      etcd === undefined ? { file: cluster.store, interval_secs: 0.1 } : { etcd: [etcd] };
    await router.start({ discovery: { dynamo: { ...store, frontend: cluster.url } } });
    await until('both workers serve', async () => (await serving(router)) === 2);
    const hits = await ask(router);
    await cluster.stopWorker();
    await until('the worker that ended has left', async () => (await serving(router)) === 1);
    await (await router.complete(promptOf(0, QUESTIONS))).text();
    await cluster.startWorker();
    await until('a new worker serves', async () => (await serving(router)) === 2);
    return hits;
  } finally {
    await router.close();
    await cluster.close();
  }
}

async function serving(router: ServeInProcess): Promise<number> {
  const { discovery } = await router.status();
  return discovery.engines.filter(({ state }) => state === 'serving').length;
}

/** Sends every question of every document; how many had as many tokens cached as was predicted. */
async function ask(router: ServeInProcess): Promise<number> {
  let asPredicted = 0;
  for (let question = 0; question < QUESTIONS; question++) {
    for (let document = 0; document < DOCUMENTS; document++) {
      const answer = await router.complete(promptOf(document, question));
      const overlap = Number(answer.headers.get('x-windtunnel-overlap-blocks'));
      const { usage } = (await answer.json()) as {
        readonly usage: { readonly prompt_tokens_details: { readonly cached_tokens: number } };
      };
      const expected = question === 0 ? 0 : SHARED_BLOCKS;
      const cached = usage.prompt_tokens_details.cached_tokens;
      if (overlap === expected && cached === overlap * MOCKER_BLOCK_SIZE) asPredicted++;
    }
    await until('the blocks of all documents are known', async () => {
      const { engines } = await router.status();
      const ranks = engines.flatMap((engine) => engine.ranks);
      const held = ranks.reduce((sum, { cached_blocks }) => sum + cached_blocks, 0);
      return held >= DOCUMENTS * SHARED_BLOCKS;
    });
  }
  return asPredicted;
}

function promptOf(document: number, question: number): readonly number[] {
  const tokens = SHARED_BLOCKS * MOCKER_BLOCK_SIZE;
  const text = Array.from({ length: tokens }, (_, at) => 300 + ((131 * document + 7 * at) % 3000));
  return [...text, 100 + question];
}
