import { rmSync } from 'node:fs';
import type { ReplicasStatus } from '#live/replicas/replicas-status.ts';
import { freePorts } from '#test/support/free-ports.ts';
import { ServeInProcess, type WholeStatus } from '#test/support/serve-in-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane } from '../lane.ts';
import { writeTinyModel } from '../tiny-model.ts';
import { DynamoCluster } from './dynamo-cluster.ts';
import { MOCKER_BLOCK_SIZE } from './dynamo-process.ts';
import { provideDynamo } from './python.ts';

const WORKERS = 2;
const REQUESTS = 6;
/** Full blocks of a prompt, which no other prompt shares. */
const BLOCKS = 8;
/** Long enough to be seen under way. */
const OUTPUT_TOKENS = 800;
/** KV blocks of a worker, more than all requests have. */
const KV_BLOCKS = 1024;

type Status = WholeStatus & { readonly replicas: ReplicasStatus };

/**
 * Dynamo's own KV router and ours before the same workers, each told by the other what it has sent:
 * what one has under way the other has as load, until it ends.
 */
export const dynamoReplicas: Lane = {
  name: 'dynamo-replicas',
  isApart: true,
  prepare: provideDynamo,
  run: async () => {
    const python = provideDynamo();
    const model = writeTinyModel();
    const cluster = new DynamoCluster({ python, model, blocks: KV_BLOCKS });
    const router = new ServeInProcess();
    try {
      for (let at = 0; at < WORKERS; at++) await cluster.startWorker();
      await cluster.startFrontend();
      const theirs = await cluster.startKvRouter();
      await meet(cluster, router);
      const heard = await tellUs(theirs, router);
      const told = await tellThem(theirs, router);
      return {
        passed: heard === REQUESTS * BLOCKS && told === REQUESTS * BLOCKS,
        text: `of ${REQUESTS * BLOCKS} blocks under way in Dynamo's router ours had ${heard}, and of as many in ours Dynamo's had ${told}; none when they had ended`,
      };
    } finally {
      await router.close();
      await cluster.close();
      rmSync(model, { recursive: true });
    }
  },
};

/** Our router finds the workers and Dynamo's router, and is found by it. */
async function meet(cluster: DynamoCluster, router: ServeInProcess): Promise<void> {
  const [port] = await freePorts(1);
  const bind = `tcp://127.0.0.1:${port}`;
  await until("Dynamo's routers say where they wait", () => cluster.replicaAddresses().length > 0);
  await router.start({
    discovery: { dynamo: { file: cluster.store, frontend: cluster.url, interval_secs: 0.1 } },
    replicas: { transport: 'zmq', bind, peers: cluster.replicaAddresses() },
  });
  const { publisher_id } = (await statusOf(router)).replicas;
  cluster.advertiseReplica(bind, publisher_id);
  await until('both workers serve', async () => {
    const { discovery } = await statusOf(router);
    return discovery.engines.filter(({ state }) => state === 'serving').length === WORKERS;
  });
}

/** Blocks of requests of Dynamo's router that ours has as load; throws where they do not end. */
async function tellUs(theirs: string, router: ServeInProcess): Promise<number> {
  let most = 0;
  const look = async (): Promise<void> => {
    most = Math.max(most, blocksOf(await statusOf(router)));
  };
  await whileAsking(theirs, 0, look, () => most >= REQUESTS * BLOCKS);
  await until('none of them is load any more', async () => {
    const { replicas, engines } = await statusOf(router);
    const { active_requests, unreadable, unknown_worker } = replicas;
    if (unreadable + unknown_worker > 0) throw new Error('an event was not understood');
    return active_requests === 0 && blocksOf({ engines }) === 0;
  });
  return most;
}

/** The same the other way round, as Dynamo's metrics say. */
async function tellThem(theirs: string, router: ServeInProcess): Promise<number> {
  let most = 0;
  const look = async (): Promise<void> => {
    most = Math.max(most, await blocksAt(theirs));
  };
  await whileAsking(router.url, REQUESTS, look, () => most >= REQUESTS * BLOCKS);
  await until('none of them is load any more', async () => (await blocksAt(theirs)) === 0);
  return most;
}

async function statusOf(router: ServeInProcess): Promise<Status> {
  return (await router.status()) as Status;
}

function blocksOf({ engines }: Pick<Status, 'engines'>): number {
  const ranks = engines.flatMap((engine) => engine.ranks);
  return ranks.reduce((sum, { active_blocks }) => sum + active_blocks, 0);
}

async function blocksAt(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const lines = text.matchAll(/^dynamo_frontend_worker_active_decode_blocks\{.*\} (\S+)$/gm);
  return [...lines].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** Sends the requests and looks again and again until `seen`, or all have ended. */
async function whileAsking(
  url: string,
  first: number,
  look: () => Promise<void>,
  seen: () => boolean,
): Promise<void> {
  const leaver = new AbortController();
  let ended = 0;
  const answers = Array.from({ length: REQUESTS }, async (_, at) => {
    const prompt = Array.from(
      { length: BLOCKS * MOCKER_BLOCK_SIZE },
      (_token, token) => 300 + ((131 * (first + at) + 7 * token) % 3000),
    );
    const answer = await fetch(`${url}/v1/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tiny', prompt, max_tokens: OUTPUT_TOKENS, stream: true }),
      signal: leaver.signal,
    });
    await answer.text();
  }).map((answer) => answer.catch(() => {}).finally(() => ended++));
  while (!seen() && ended < REQUESTS) await look();
  leaver.abort();
  await Promise.all(answers);
}
