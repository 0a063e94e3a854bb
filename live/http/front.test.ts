import { expect, test } from 'vitest';
import { endpoint, get, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import {
  chunk,
  plain,
  STREAM_END,
  STREAM_HEAD,
  tokenEvents,
} from '#test/support/scripted-engine.ts';

const prompt = { model: 'tiny', prompt: [1, 2, 3], max_tokens: 4 };

test('a request passes as it is, and the answer comes back as it is', async () => {
  const body =
    '{"id": 9007199254740993, "usage":{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1}}}';
  const engine = await engineThat(({ socket }) => void socket.write(plain(body)));
  const { front, dispatcher, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  const sent = '{ "model":"tiny",  "prompt":[1,2,3], "seed": 9007199254740993 }';
  const reply = await post(front, '/v1/completions', sent, { 'x-request-id': 'mine' });
  expect(reply).toMatchObject({ status: 200, text: body });
  expect(reply.headers).toMatchObject({ 'x-request-id': 'mine', 'x-windtunnel-engine': 'a' });
  expect(engine.requests[0]!.body.toString()).toBe(sent);
  expect(engine.requests[0]!.head).toContain('x-request-id: mine');
  expect(await record(0)).toMatchObject({
    outcome: 'complete',
    outputTokens: 2,
    cachedTokens: 1,
    inputTokens: 3,
  });
  expect(dispatcher.tales).toEqual([
    { engine: 'a', leg: 'whole', firstTokens: 1, progress: 2, ended: 1 },
  ]);
});

test('a stream passes event by event', async () => {
  const events = tokenEvents([' a', ' b', ' c']);
  const engine = await engineThat(({ socket }) => {
    socket.write(STREAM_HEAD);
    for (const event of events) socket.write(chunk(event));
    socket.write(STREAM_END);
  });
  const { front, dispatcher, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  const reply = await post(front, '/v1/completions', { ...prompt, stream: true });
  expect(reply.text).toBe(events.join(''));
  expect(reply.headers['content-type']).toBe('text/event-stream; charset=utf-8');
  expect(await record(0)).toMatchObject({ outcome: 'complete', outputTokens: 3, stream: true });
  expect(dispatcher.tales).toEqual([
    { engine: 'a', leg: 'whole', firstTokens: 1, progress: 3, ended: 1 },
  ]);
});

test('pages tell how the router is', async () => {
  const engine = await engineThat(() => undefined);
  const { front, availability } = await frontOf({ engines: [endpoint('a', engine.url)] });
  expect(await get(front, '/live')).toMatchObject({ status: 200, text: '{"status":"alive"}' });
  expect(await get(front, '/health')).toMatchObject({ status: 200 });
  const models = await get(front, '/v1/models');
  expect(models.text).toBe(
    '{"object":"list","data":[{"id":"tiny","object":"model","max_model_len":640}]}',
  );
  availability.block(endpoint('a', engine.url), 'unhealthy');
  const health = await get(front, '/health');
  expect(health.status).toBe(503);
  expect(JSON.parse(health.text)).toEqual({
    status: 'unhealthy',
    engines: [{ name: 'a', blocked_by: ['unhealthy'] }],
  });
  expect(JSON.parse((await get(front, '/status')).text)).toMatchObject({ requests_under_way: 0 });
});
