import { afterEach, expect, test, vi } from 'vitest';
import { type CliProcess, startCli } from '#test/support/cli-process.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';

const PATIENCE = { timeout: 30_000 };
const toClose: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of toClose.splice(0).reverse()) await close();
});

async function mockAt(port: number): Promise<CliProcess> {
  const cli = await startCli(['mock-engine', '--port', String(port)]);
  toClose.push(() => cli.close());
  return cli;
}

test('an engine that was killed is known to be gone with the first request that it refuses', async () => {
  const engine = await mockAt(0);
  const url = engine.urls[0]!;
  const serving = new ServeInProcess();
  toClose.push(() => serving.close());
  await serving.start({
    engines: [{ name: 'a', url }],
    router: { mode: 'round_robin' },
    // Nobody would ask by itself while the test runs, and no breaker opens.
    resilience: { health_interval_secs: 3_600, breaker_failures: 0 },
  });
  const health = async () => (await fetch(`${serving.url}/health`)).status;
  expect((await serving.complete([1, 2, 3])).status).toBe(200);
  expect(await health()).toBe(200);

  process.kill(engine.pid!, 'SIGKILL');
  await engine.ended;
  expect((await serving.complete([1, 2, 3])).status).toBe(503);
  await vi.waitFor(async () => expect(await health()).toBe(503), PATIENCE);
  expect((await serving.status()).engines[0]!.ranks[0]!.available).toBe(false);
  expect(serving.notes).toContain('engine a is away: it does not answer when asked how it is');
});

test('that an engine is gone and is back is told, each once', async () => {
  const engine = await mockAt(0);
  const url = engine.urls[0]!;
  const serving = new ServeInProcess();
  toClose.push(() => serving.close());
  const resilience = { health_interval_secs: 0.05 };
  await serving.start({
    engines: [{ name: 'a', url }],
    router: { mode: 'round_robin' },
    resilience,
  });
  process.kill(engine.pid!, 'SIGKILL');
  const away = 'engine a is away: it does not answer when asked how it is';
  await vi.waitFor(() => expect(serving.notes).toEqual([away]), PATIENCE);
  await mockAt(Number(new URL(url).port));
  const back = 'engine a is back: it answers when asked how it is';
  await vi.waitFor(() => expect(serving.notes).toEqual([away, back]), PATIENCE);
  expect((await serving.complete([1, 2, 3])).status).toBe(200);
});
