import { startClock } from '#live/clock.ts';
import { startKvEvents } from '#live/events/start-kv-events.ts';
import { IndexFacts } from '#test/support/index-facts.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { ServeProcess } from '#test/support/serve-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane, Verdict } from '../lane.ts';
import { askAboutDocuments, drawPrompts, type PrefixLoad } from '../prefix-load.ts';
import { provideDynamo } from './python.ts';
import { DynamoService } from './service.ts';

const BLOCK_SIZE = 16;
/** Of an engine: too few for all documents, so that blocks come and go. */
const BLOCKS = 120;
const MODEL = { model_name: 'tiny' };

const LOAD = {
  ...{ seed: 3, requests: 150, documents: 24, documentTokens: 128 },
  ...{ questionTokens: [5, 40] as const, outputTokens: 20, atOnce: 4, blockSize: BLOCK_SIZE },
};

/** Our mock engines under Dynamo's indexer: it hears them as it would vLLM, and asks for what it missed. */
export const dynamoIndexer: Lane = {
  name: 'dynamo-indexer',
  isApart: true,
  prepare: provideDynamo,
  run: async () => {
    const engine = { block_size: BLOCK_SIZE, num_gpu_blocks: BLOCKS };
    const mocks = await startMockEngines({ count: 2, speed: 10, engine });
    const indexer = await DynamoService.start(provideDynamo(), 'indexer');
    try {
      return await compare(mocks, indexer);
    } finally {
      await Promise.all([mocks.close(), indexer.stop()]);
    }
  },
};

async function compare(mocks: RunningMocks, indexer: DynamoService): Promise<Verdict> {
  for (const [at, { kvEvents: endpoint, kvReplay: replay_endpoint }] of mocks.engines.entries()) {
    const place = { instance_id: at, endpoint, replay_endpoint };
    const body = { ...place, block_size: BLOCK_SIZE, dp_rank: 0, ...MODEL };
    await indexer.call('POST', '/register', body);
  }
  const facts = new IndexFacts();
  const engines = mocks.engines.map(({ name, kvEvents, kvReplay }, target) => ({
    ...{ name, target, dpSize: 1, blockSize: BLOCK_SIZE, kvEvents: kvEvents!, kvReplay },
  }));
  const feeds = await startKvEvents({ engines, facts, clock: startClock() });
  const router = await serve(mocks);
  try {
    await askAboutDocuments({ ...LOAD, url: router.url });
    for (const { url } of mocks.engines) await dropEvents(url);
    await askAboutDocuments({ ...LOAD, url: router.url, requests: 40 });
    const { same, blocks } = await untilAlike(indexer, facts);
    const replays = feeds.status().reduce((sum, { session }) => sum + session.replays, 0);
    const text = `${same} look-ups equal to our index, ${blocks} blocks found, after ${replays} replays on our side`;
    return { passed: blocks > 0, text };
  } finally {
    await feeds.stop();
    await router.stop();
  }
}

function serve(mocks: RunningMocks): Promise<ServeProcess> {
  const engines = mocks.engines.map(({ name, url, kvEvents, kvReplay }) => ({
    ...{ name, url, kv_events: kvEvents, kv_replay: kvReplay },
  }));
  return ServeProcess.start({ engines });
}

/** The next two messages of an engine are lost. */
async function dropEvents(url: string): Promise<void> {
  const body = JSON.stringify({ drop_events: 2 });
  const headers = { 'content-type': 'application/json' };
  const { ok } = await fetch(`${url}/admin/fault`, { method: 'POST', headers, body });
  if (!ok) throw new Error(`${url} takes no faults`);
}

/** Waits until both know the same of every prompt; what was looked up. */
async function untilAlike(indexer: DynamoService, facts: IndexFacts) {
  const prompts = drawPrompts(LOAD satisfies Omit<PrefixLoad, 'url'>);
  let same = 0;
  let blocks = 0;
  await until('the indexer knows what our index knows', async () => {
    [same, blocks] = [0, 0];
    for (const token_ids of prompts) {
      type Answer = { readonly scores: Readonly<Record<string, Readonly<Record<string, number>>>> };
      const { body } = await indexer.call<Answer>('POST', '/query', { token_ids, ...MODEL });
      for (const target of [0, 1]) {
        const ours = facts.overlap(target, token_ids, BLOCK_SIZE);
        if ((body.scores[target]?.['0'] ?? 0) !== BLOCK_SIZE * ours) return false;
        same++;
        blocks += ours;
      }
    }
    return true;
  });
  return { same, blocks };
}
