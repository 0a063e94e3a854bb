import { rmSync } from 'node:fs';
import { Subscriber } from 'zeromq';
import { freePorts } from '#test/support/free-ports.ts';
import { ServeProcess } from '#test/support/serve-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane, Verdict } from '../lane.ts';
import type { PeerProcess } from '../peer-process.ts';
import { askAboutDocuments, drawPrompts } from '../prefix-load.ts';
import { writeTinyModel } from '../tiny-model.ts';
import { frontendArgs, listsModel, MOCKER_BLOCK_SIZE, startDynamo } from './dynamo-process.ts';
import { MockerEngine } from './mocker-engine.ts';
import { type PlanePublisherPlace, writePlaneFolder } from './plane-folder.ts';
import { provideDynamo } from './python.ts';

/** KV blocks of the worker: more than all prompts have. */
const BLOCKS = 1_000;

const LOAD = {
  ...{ seed: 5, requests: 40, documents: 8, documentTokens: 64 },
  questionTokens: [5, 60] as const,
};

/** Dynamo's own KV router, which hears of its worker's blocks from ours alone. */
export const dynamoPlane: Lane = {
  name: 'dynamo-plane',
  isApart: true,
  prepare: provideDynamo,
  run: async () => {
    const python = provideDynamo();
    const model = writeTinyModel();
    const engine = await MockerEngine.start(python, model, BLOCKS);
    const [port] = await freePorts(1);
    const address = `tcp://127.0.0.1:${port}`;
    const router = await serve(engine, address);
    try {
      return await compare(python, engine, router, address);
    } finally {
      await Promise.all([router.stop(), engine.stop()]);
      rmSync(model, { recursive: true });
    }
  },
};

/** A router that listens to the sockets of the worker, and tells what it knows on the event plane. */
function serve(engine: MockerEngine, address: string): Promise<ServeProcess> {
  const { url, kvEvents: kv_events, kvReplay: kv_replay, plane } = engine;
  const entry = { name: 'a', url, block_size: MOCKER_BLOCK_SIZE, kv_events, kv_replay };
  return ServeProcess.start({
    engines: [{ ...entry, worker_id: plane.worker }],
    event_plane: { publish: { zmq: address } },
  });
}

async function compare(
  python: string,
  engine: MockerEngine,
  router: ServeProcess,
  address: string,
): Promise<Verdict> {
  const named = nameOf(address);
  const outcome = { outputTokens: 4, atOnce: 2, blockSize: MOCKER_BLOCK_SIZE };
  await askAboutDocuments({ ...LOAD, ...outcome, url: router.url });
  const folder = writePlaneFolder(engine, await named);
  const [http] = await freePorts(1);
  const url = `http://127.0.0.1:${http}`;
  let frontend: PeerProcess | undefined;
  try {
    frontend = await startDynamo({
      ...{ python, folder: engine.folder, discovery: { store: folder.path } },
      args: frontendArgs(http!, 'kv'),
      isReady: () => listsModel(url),
    });
    return await judge(url);
  } finally {
    await frontend?.stop();
    folder.stop();
  }
}

/** By what number a publisher names itself in its messages. */
async function nameOf(address: string): Promise<PlanePublisherPlace> {
  const socket = new Subscriber({ linger: 0 });
  socket.connect(address);
  socket.subscribe();
  const [, id] = await socket.receive();
  socket.close();
  return { id: id!.readBigUInt64BE(), address };
}

/** What Dynamo's router says that it knew of prompts that it never saw, and of others. */
async function judge(url: string): Promise<Verdict> {
  const seen = drawPrompts(LOAD);
  // What we know is told to whoever comes; it has come when the first prompt is known.
  await until(
    'the frontend has heard of the blocks',
    async () => (await hitRate(url, seen[0]!)) > 0,
  );
  let right = 0;
  for (const prompt of seen) {
    const blocks = Math.floor(prompt.length / MOCKER_BLOCK_SIZE);
    const expected = blocks / Math.ceil(prompt.length / MOCKER_BLOCK_SIZE);
    if (Math.abs((await hitRate(url, prompt)) - expected) < 1e-9) right++;
  }
  const strange = drawPrompts({ ...LOAD, seed: 6, documents: 1_000, requests: 10 });
  let unknown = 0;
  for (const prompt of strange) if ((await hitRate(url, prompt)) === 0) unknown++;
  const text = `Dynamo's KV router, told by ours alone, knew the blocks of ${right} of ${seen.length} prompts it had not routed, and none of ${unknown} of ${strange.length} new ones`;
  return { passed: right === seen.length && unknown === strange.length, text };
}

/** The part of a prompt's blocks that Dynamo's router takes to be cached. */
async function hitRate(url: string, prompt: readonly number[]): Promise<number> {
  type Answer = { readonly nvext: { readonly timing: { readonly kv_hit_rate: number } } };
  const answer = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ model: 'tiny', prompt, max_tokens: 1 },
      nvext: { extra_fields: ['timing'] },
    }),
  });
  return ((await answer.json()) as Answer).nvext.timing.kv_hit_rate;
}
