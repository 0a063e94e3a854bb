import { afterEach, expect, test } from 'vitest';
import { startMockEngines } from '#test/support/mock-engines.ts';
import { plain, startScriptedEngine } from '#test/support/scripted-engine.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';

const toClose: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

async function serve(config: object): Promise<ServeInProcess> {
  const serving = new ServeInProcess();
  toClose.push(() => serving.close());
  await serving.start(config);
  return serving;
}

const MODES = ['kv_router', 'round_robin'] as const;
/** Nothing counts with the budget of a pass, then a queue does. */
const ROUTERS = [
  ...MODES.map((mode) => ({ mode })),
  { mode: 'kv_router', router_queue_threshold: 4 },
];

for (const backend of ['vllm', 'sglang'] as const) {
  test.each(ROUTERS)(`mock engines of ${backend} are served by %j`, async (router) => {
    const mocks = await startMockEngines({ backend, count: 2 });
    toClose.push(() => mocks.close());
    const followed = router.mode === 'kv_router';
    const engines = mocks.engines.map(({ name, url, kvEvents, kvReplay }) => ({
      ...{ name, url, backend },
      ...(followed && { kv_events: kvEvents, kv_replay: kvReplay }),
    }));
    const serving = await serve({ engines, router, journal: { path: 'run.journal.jsonl' } });
    const answer = await serving.complete(Array.from({ length: 40 }, (_, at) => at));
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      { usage: { prompt_tokens: 40, completion_tokens: 4 } },
    ]);
    const { discovery } = await serving.status();
    expect(discovery.engines.map(({ state }) => state)).toEqual(['serving', 'serving']);
  });
}

for (const backend of ['trtllm', 'openai'] as const) {
  test.each(MODES)(`an engine of ${backend} that tells nothing is served by %s`, async (mode) => {
    const text = '{"object":"text_completion","choices":[{"index":0,"text":"x"}]}';
    const engine = await startScriptedEngine(({ socket }) => void socket.write(plain(text)));
    toClose.push(() => engine.close());
    const serving = await serve({
      engines: [{ name: 'a', url: engine.url, backend }],
      router: { mode },
    });
    const answer = await serving.complete([1, 2, 3]);
    expect([answer.status, await answer.text()]).toEqual([200, text]);
  });
}

test('an engine of SGLang that is taken for one of vLLM is told how it would say its blocks', async () => {
  const mocks = await startMockEngines({ backend: 'sglang' });
  toClose.push(() => mocks.close());
  const [{ name, url, kvEvents }] = mocks.engines as [(typeof mocks.engines)[number]];
  await expect(serve({ engines: [{ name, url, kv_events: kvEvents }] })).rejects.toThrow(
    'an engine of SGLang says it where backend is sglang',
  );
});
