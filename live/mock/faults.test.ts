import { expect, test } from 'vitest';
import { Dealer, Subscriber } from 'zeromq';
import type { RunningMock } from '#test/support/mock-engines.ts';
import { mockOf } from '#test/support/mock-scenery.ts';

async function post(url: string, body: object): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const fault = ({ url }: RunningMock, body: object): Promise<Response> =>
  post(`${url}/admin/fault`, body);
const ask = ({ url }: RunningMock, body: object = {}): Promise<Response> =>
  post(`${url}/v1/completions`, { model: 'tiny', prompt: 'hello', max_tokens: 3, ...body });

test('a refusing engine turns requests away with the status that was asked for', async () => {
  const engine = await mockOf();
  await fault(engine, { refuse: 1, refuse_status: 429 });
  expect((await ask(engine)).status).toBe(429);
  await fault(engine, { clear: true });
  expect((await ask(engine)).status).toBe(200);
  const metrics = await (await fetch(`${engine.url}/metrics`)).text();
  expect(metrics).toContain(
    'vllm:admission_rejections_total{model_name="tiny",reason="max_num_queued_reqs"} 1.0',
  );
});

test('a hanging engine takes requests and answers them when it goes on', async () => {
  const engine = await mockOf();
  await fault(engine, { hang: true });
  const answer = ask(engine);
  await expect.poll(() => engine.mock.worker.requests).toBe(1);
  await fault(engine, { hang: false });
  expect((await (await answer).json()) as object).toHaveProperty('usage.completion_tokens', 3);
});

test('an answer that breaks off cuts the connection', async () => {
  const engine = await mockOf();
  await fault(engine, { break_off: 1, break_after_tokens: 2 });
  const response = await ask(engine, { stream: true, max_tokens: 50 });
  await expect(response.text()).rejects.toThrow();
  await expect.poll(() => engine.mock.worker.requests).toBe(0);
});

test('events that get lost have a number, and a replay has them', async () => {
  const engine = await mockOf();
  await fault(engine, { drop_events: 1 });
  const prompt = (first: number) => ({ prompt: Array.from({ length: 20 }, () => first) });
  await ask(engine, prompt(300));
  const [publisher] = engine.mock.life.publishers;
  expect(publisher!.sequence).toBe(1);
  const dealer = new Dealer();
  dealer.connect(engine.kvReplay!);
  await dealer.send(['', Buffer.alloc(8)]);
  expect((await dealer.receive())[2]!.readBigUInt64BE()).toBe(0n);
  dealer.close();
});

test('a cleared cache is told of with the next step, before what it stores', async () => {
  const engine = await mockOf();
  await ask(engine, { prompt: Array.from({ length: 20 }, () => 300) });
  const reset = await post(`${engine.url}/reset_prefix_cache`, {});
  expect(await reset.json()).toEqual({ success: true });
  expect(engine.mock.life.publishers[0]!.sequence).toBe(1);
  await ask(engine, { prompt: Array.from({ length: 20 }, () => 300) });
  expect(engine.mock.life.publishers[0]!.sequence).toBe(2);
});

test('a crash cuts what is under way; the engine comes back empty, and counts from 0', async () => {
  const engine = await mockOf();
  const prompt = Array.from({ length: 20 }, () => 300);
  await ask(engine, { prompt });
  const cut = ask(engine, { prompt, max_tokens: 10_000 });
  await expect.poll(() => engine.mock.worker.requests).toBe(1);
  await Promise.all([
    expect(cut).rejects.toThrow(),
    expect(fault(engine, { crash: true, restart_after_ms: 1 })).rejects.toThrow(),
  ]);
  const isBack = (): Promise<boolean> =>
    ask(engine).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isBack).toBe(true);
  expect(engine.mock.life.publishers[0]!.sequence).toBe(0);
  const socket = new Subscriber();
  socket.subscribe();
  socket.connect(engine.kvEvents!);
  const heard = socket.receive();
  let isHeard = false;
  void heard.then(() => {
    isHeard = true;
  });
  for (let salt = 0; !isHeard; salt++) await ask(engine, { prompt, cache_salt: `${salt}` });
  socket.close();
});

test('what nobody knows is refused, and so is what is out of range', async () => {
  const engine = await mockOf();
  const unknown = await fault(engine, { slwo: 3 });
  expect([unknown.status, await unknown.text()]).toEqual([
    400,
    expect.stringContaining('unknown: slwo; known are break_after_tokens'),
  ]);
  expect((await fault(engine, { refuse: 2 })).status).toBe(400);
  expect((await fault(engine, { slow: 'very' })).status).toBe(400);
});
