import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { endpoint, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import {
  chunk,
  plain,
  type Script,
  STREAM_END,
  STREAM_HEAD,
  tokenEvents,
} from '#test/support/scripted-engine.ts';

const prompt = { model: 'tiny', prompt: [1, 2, 3], max_tokens: 4 };
const streamed = { ...prompt, stream: true };
const events = tokenEvents([' a', ' b', ' c']);

const answers: Script = ({ socket }) =>
  void socket.write(plain('{"usage":{"completion_tokens":1}}'));
const streams: Script = ({ socket }) => {
  socket.write(STREAM_HEAD + events.map((event) => chunk(event).toString()).join('') + STREAM_END);
};
const never: Script = () => undefined;
const hangsUp: Script = ({ socket }) => void socket.destroy();
const declines: Script = ({ socket }) =>
  void socket.write(plain('{"error":"full"}', '503 Service Unavailable'));
const breaksOff: Script = ({ socket }) => {
  socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(events[0]!)]));
  setImmediate(() => socket.destroy());
};
const beginsAndHangs: Script = ({ socket }) => {
  socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(events[0]!)]));
};
const garbage: Script = ({ socket }) => void socket.write('SSH-2.0-OpenSSH\r\n\r\n');

test.each([
  ['hangs up', hangsUp],
  ['declines', declines],
  ['speaks no HTTP', garbage],
])('an engine that %s before a byte has come is replaced by another', async (_what, bad) => {
  const [one, two] = [await engineThat(bad), await engineThat(answers)];
  const engines = [endpoint('bad', one.url), endpoint('good', two.url)];
  const { front, dispatcher, record } = await frontOf({ engines });
  const reply = await post(front, '/v1/completions', prompt);
  expect(reply).toMatchObject({ status: 200, text: '{"usage":{"completion_tokens":1}}' });
  expect(await record(0)).toMatchObject({ outcome: 'complete', engine: 'good' });
  expect((await record(0)).retries).toBeGreaterThan(0);
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test.each([
  ['cannot be reached', undefined, 503, 'engine x cannot be reached'],
  ['hangs up', hangsUp, 502, 'engine x broke off'],
  ['declines', declines, 503, '{"error":"full"}'],
  ['takes too long', never, 504, 'engine x took too long'],
] as const)('when the only engine %s the client is told', async (_what, script, status, text) => {
  const engine = script && (await engineThat(script));
  const engines = [endpoint('x', engine?.url ?? 'http://127.0.0.1:1')];
  const config = { http: { port: 0, first_token_timeout_secs: 0.2 } };
  const { front, dispatcher, record } = await frontOf({ engines, config });
  const reply = await post(front, '/v1/completions', prompt);
  expect(reply.status).toBe(status);
  expect(reply.text).toContain(text);
  expect(await record(0)).toMatchObject({ outcome: 'engine_failed', status });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('a stream that breaks ends with an event that says so, and is not begun again', async () => {
  const [one, two] = [await engineThat(breaksOff), await engineThat(streams)];
  const { front, dispatcher, record } = await frontOf({
    engines: [endpoint('a', one.url), endpoint('b', two.url)],
  });
  const reply = await post(front, '/v1/completions', streamed);
  expect(reply.text.startsWith(events[0]!)).toBe(true);
  const told = JSON.parse(reply.text.slice(events[0]!.length + 'data: '.length)) as object;
  expect(told).toMatchObject({ error: { message: 'engine a broke off', code: 502 } });
  expect(two.requests).toHaveLength(0);
  expect(await record(0)).toMatchObject({ outcome: 'engine_failed', outputTokens: 1, retries: 0 });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('an engine that goes silent in the midst of a stream is given up', async () => {
  const engine = await engineThat(beginsAndHangs);
  const config = { http: { port: 0, idle_stream_timeout_secs: 0.2 } };
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)], config });
  const reply = await post(front, '/v1/completions', streamed);
  expect(reply.text).toContain('engine a took too long');
  expect(await record(0)).toMatchObject({ outcome: 'engine_failed', outputTokens: 1 });
  await engine.requests[0]!.hungUp;
});

test('an engine that writes nonsense into its stream is passed on and counted', async () => {
  const text = 'data: {"choices":\n\ndata: {"choices":3}\n\nhello\n\ndata: [1]\n\ndata: [DONE]\n\n';
  const engine = await engineThat(({ socket }) => {
    socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(text), Buffer.from(STREAM_END)]));
  });
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  expect((await post(front, '/v1/completions', streamed)).text).toBe(text);
  expect(await record(0)).toMatchObject({ outcome: 'complete', brokenEvents: 1, outputTokens: 0 });
});

/** A client on a bare socket that has sent a request. */
function ask(port: number, body: object, path = '/v1/completions'): ReturnType<typeof connect> {
  const text = JSON.stringify(body);
  const head = `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n`;
  const socket = connect(port, '127.0.0.1', () => void socket.write(head + text));
  socket.on('error', () => undefined);
  return socket;
}

test.each([
  ['before the answer', never],
  ['in the midst of the answer', beginsAndHangs],
])('a client that leaves %s is gone at the engine, and from the books', async (_what, script) => {
  const engine = await engineThat(script);
  const { front, dispatcher, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  const client = ask(front.port, streamed);
  if (script === beginsAndHangs) client.once('data', () => client.destroy());
  const { hungUp } = await engine.request(0);
  if (script === never) client.destroy();
  await hungUp;
  expect(await record(0)).toMatchObject({ outcome: 'client_gone' });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('a client that leaves while it waits in the queue is gone from there', async () => {
  const engine = await engineThat(answers);
  let reason: unknown;
  const route = vi.fn(
    (_ask: unknown, signal: AbortSignal) =>
      new Promise<never>((_done, reject) => {
        signal.addEventListener('abort', () => {
          reason = signal.reason;
          reject(signal.reason as Error);
        });
      }),
  );
  const { front, record } = await frontOf({
    engines: [endpoint('a', engine.url)],
    dispatcher: { route },
  });
  const client = ask(front.port, streamed);
  await vi.waitFor(() => expect(route).toHaveBeenCalled(), { timeout: 30_000 });
  client.destroy();
  expect(await record(0)).toMatchObject({ outcome: 'client_gone' });
  expect(String(reason)).toContain('the client has left');
});

test('a client that does not read holds its engine up, not the memory of the router', async () => {
  const piece = chunk(`data: ${'x'.repeat(64 * 1024)}\n\n`);
  let written = 0;
  let isFull = false;
  const engine = await engineThat(({ socket }) => {
    socket.write(STREAM_HEAD);
    const pour = (): void => {
      while (written < 400 && !isFull) {
        written++;
        isFull = !socket.write(piece);
      }
    };
    socket.on('drain', () => {
      isFull = false;
      pour();
    });
    pour();
  });
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  const client = ask(front.port, streamed);
  client.pause();
  await engine.request(0);
  // 25 MB fit into no buffer on the way: the engine is stopped long before.
  await vi.waitFor(() => expect(isFull && client.bytesRead < 1e6).toBe(true), { timeout: 30_000 });
  const stoppedAt = written;
  expect(stoppedAt).toBeLessThan(300);
  let bytes = 0;
  client.on('data', (data) => {
    bytes += data.length;
    if (bytes > 400 * 64 * 1024) client.destroy();
  });
  client.resume();
  await vi.waitFor(() => expect(bytes).toBeGreaterThan(400 * 64 * 1024), { timeout: 30_000 });
  expect(await record(0)).toMatchObject({ outcome: 'client_gone' });
});

test('an engine that keeps failing is left alone for a while, and comes back', async () => {
  const engine = await engineThat(hangsUp);
  const config = { resilience: { retry_limit: 0, breaker_failures: 3, breaker_open_secs: 0.3 } };
  const { front, availability } = await frontOf({ engines: [endpoint('a', engine.url)], config });
  for (let at = 0; at < 3; at++) await post(front, '/v1/completions', prompt);
  expect(availability.reasons('a')).toEqual(['failing']);
  await vi.waitFor(() => expect(availability.reasons('a')).toEqual([]), { timeout: 30_000 });
  await post(front, '/v1/completions', prompt);
  expect(availability.reasons('a')).toEqual(['failing']);
  await vi.waitFor(() => expect(availability.reasons('a')).toEqual([]), { timeout: 30_000 });
  engine.play(answers);
  await post(front, '/v1/completions', prompt);
  engine.play(hangsUp);
  await post(front, '/v1/completions', prompt);
  expect(availability.reasons('a')).toEqual([]);
});

test('requests without a byte leave an engine that falls silent, as soon as another can take them', async () => {
  const [one, two] = [await engineThat(never), await engineThat(answers)];
  const [a, b] = [endpoint('a', one.url), endpoint('b', two.url)];
  const { front, dispatcher, availability, record } = await frontOf({ engines: [a, b] });
  availability.block(b, 'unhealthy');
  const asked = post(front, '/v1/completions', prompt);
  const { hungUp } = await one.request(0);
  // Nobody else can be asked, so that waiting is the best that can be done.
  availability.block(a, 'unhealthy');
  expect(two.requests).toHaveLength(0);
  availability.unblock(b, 'unhealthy');
  expect((await asked).status).toBe(200);
  await hungUp;
  expect(await record(0)).toMatchObject({ outcome: 'complete', engine: 'b', retries: 1 });
  expect(availability.reasons('a')).toEqual(['unhealthy']);
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test.each([
  ['whose answer has begun', {}, 1],
  ['that are pinned to it', { 'x-dynamo-worker-instance-id': 'a' }, 0],
])('requests %s stay with an engine that falls silent', async (_which, headers, begun) => {
  let proceed = (): void => undefined;
  const one = await engineThat(({ socket }) => {
    const [head, ...rest] = events.map((event) => chunk(event));
    if (begun > 0) socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), head!]));
    proceed = () => {
      const before = begun > 0 ? [] : [Buffer.from(STREAM_HEAD), head!];
      socket.write(Buffer.concat([...before, ...rest, Buffer.from(STREAM_END)]));
    };
  });
  const two = await engineThat(streams);
  const [a, b] = [endpoint('a', one.url), endpoint('b', two.url)];
  const { front, availability, record } = await frontOf({ engines: [a, b] });
  const asked = fetch(`${front.url}/v1/completions`, {
    ...{ method: 'POST', body: JSON.stringify(streamed) },
    headers: { 'content-type': 'application/json', ...headers },
  });
  await one.request(0);
  if (begun > 0) await asked;
  availability.block(a, 'unhealthy');
  proceed();
  expect(await (await asked).text()).toBe(events.join(''));
  expect(await record(0)).toMatchObject({ outcome: 'complete', engine: 'a', retries: 0 });
  expect(two.requests).toHaveLength(0);
});

test('after a rest one request tries an engine, and others follow when that is answered', async () => {
  const engine = await engineThat(hangsUp);
  const config = { resilience: { retry_limit: 0, breaker_failures: 1, breaker_open_secs: 0.05 } };
  const { front, availability, record } = await frontOf({
    engines: [endpoint('a', engine.url)],
    config,
  });
  const reasonsAre = (reasons: readonly string[]): Promise<void> =>
    vi.waitFor(() => expect(availability.reasons('a')).toEqual(reasons), { timeout: 30_000 });
  await post(front, '/v1/completions', prompt);
  await reasonsAre([]);
  engine.play(never);
  const leaver = ask(front.port, streamed);
  await engine.request(1);
  expect(availability.reasons('a')).toEqual(['failing']);
  // It told nothing of the engine: the next one tries.
  leaver.destroy();
  await record(1);
  expect(availability.reasons('a')).toEqual([]);
  const long = post(front, '/v1/completions', streamed);
  const { socket } = await engine.request(2);
  expect(availability.reasons('a')).toEqual(['failing']);
  socket.write(Buffer.concat([Buffer.from(STREAM_HEAD), chunk(events[0]!)]));
  await reasonsAre([]);
  // Its answer breaks off after all.
  socket.destroy();
  await long;
  expect(availability.reasons('a')).toEqual(['failing']);
});

test('what the engine says of the request itself is the answer', async () => {
  const engine = await engineThat(
    ({ socket }) => void socket.write(plain('{"error":{"code":400}}', '400 Bad Request')),
  );
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  expect(await post(front, '/v1/completions', prompt)).toMatchObject({
    status: 400,
    text: '{"error":{"code":400}}',
  });
  expect(engine.requests).toHaveLength(1);
  expect(await record(0)).toMatchObject({ outcome: 'complete', status: 400 });
});

test('draining lets a stream end, takes nothing new, and cuts off what takes too long', async () => {
  const engine = await engineThat(beginsAndHangs);
  const config = { http: { port: 0, drain_timeout_secs: 30 } };
  const { front, dispatcher, record } = await frontOf({
    engines: [endpoint('a', engine.url)],
    config,
  });
  const reply = post(front, '/v1/completions', streamed);
  const { socket } = await engine.request(0);
  const drained = front.drain();
  socket.write(Buffer.concat([...events.slice(1).map(chunk), Buffer.from(STREAM_END)]));
  expect((await reply).text).toBe(events.join(''));
  expect(await drained).toEqual({ finished: 1, cut: 0 });
  expect(await record(0)).toMatchObject({ outcome: 'complete' });
  await expect(post(front, '/v1/completions', prompt)).rejects.toThrow('ECONNREFUSED');
  expect(dispatcher.open).toBe(0);

  const short = await frontOf({
    engines: [endpoint('a', engine.url)],
    config: { http: { port: 0, drain_timeout_secs: 0.1 } },
  });
  const cut = post(short.front, '/v1/completions', streamed);
  await engine.request(1);
  expect(await short.front.drain()).toEqual({ finished: 0, cut: 1 });
  expect((await cut).text).toContain('the router shuts down');
  expect(await short.record(0)).toMatchObject({ outcome: 'cut' });
  expect(short.dispatcher.open).toBe(0);
});
