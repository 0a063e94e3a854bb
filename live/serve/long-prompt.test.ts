import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';

/** 20,000 blocks of 16 tokens. */
const LONG = Array.from({ length: 320_000 }, (_, at) => at % 50_000);

let mocks: RunningMocks;
const router = new ServeInProcess();

beforeAll(async () => {
  const engine = { max_model_len: 400_000, num_gpu_blocks: 32_768 };
  mocks = await startMockEngines({ engine, speed: 100 });
});

afterAll(async () => {
  await router.close();
  await mocks.close();
});

test('a router that keeps a journal answers the longest prompts, and whoever comes behind', async () => {
  const [{ name, url }] = mocks.engines as [RunningMocks['engines'][0]];
  await router.start({
    engines: [{ name, url, block_size: 16 }],
    router: { use_kv_events: false },
    journal: { path: 'run.journal.jsonl' },
  });
  for (const prompt of [LONG, LONG.slice(1), [1, 2, 3]]) {
    expect((await router.complete(prompt)).status).toBe(200);
  }
});
