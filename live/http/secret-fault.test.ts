import { expect, test } from 'vitest';
import { endpoint, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import { chunk, plain, STREAM_END, STREAM_HEAD } from '#test/support/scripted-engine.ts';

const SECRET = 'my secret prompt';

test.each([
  [{ message: SECRET, type: 'BadRequestError', code: 400 }, ': BadRequestError 400'],
  [{ message: SECRET, type: SECRET, code: SECRET }, ''],
  [{ message: SECRET }, ''],
])('of the error %j in a stream, logs get the kind and the client all', async (error, kind) => {
  const event = `data: ${JSON.stringify({ error })}\n\n`;
  const engine = await engineThat(({ socket }) => {
    socket.write(STREAM_HEAD + chunk(event).toString() + STREAM_END);
  });
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  const body = { model: 'tiny', prompt: [1, 2], stream: true };
  expect((await post(front, '/v1/completions', body)).text).toContain(SECRET);
  expect((await record(0)).fault).toContain(`the engine tells of an error${kind}`);
  expect(JSON.stringify(await record(0))).not.toContain(SECRET);
});

test.each([
  [{ prompt: [1, SECRET] }, 'BadRequestError: prompt'],
  [{ prompt: [1], n: 'many' }, 'Bad Request: body.n'],
])('of %j, which is refused, logs get the field and the client all', async (body, fault) => {
  const engine = await engineThat(({ socket }) => void socket.write(plain('{}')));
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  expect((await post(front, '/v1/completions', body)).status).toBe(400);
  expect(await record(0)).toMatchObject({ outcome: 'bad_request', fault });
});

test('of a fault of the router, logs of requests get the name', async () => {
  const dispatcher = { route: () => Promise.reject(new TypeError(`${SECRET} is no function`)) };
  const engines = [endpoint('a', 'http://127.0.0.1:1')];
  const { front, record, faults } = await frontOf({ engines, dispatcher });
  expect((await post(front, '/v1/completions', { prompt: [1] })).status).toBe(500);
  expect(await record(0)).toMatchObject({ outcome: 'router_failed', fault: 'TypeError' });
  expect(String(faults[0])).toContain('is no function');
});
