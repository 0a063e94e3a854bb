import OpenAI, { APIError } from 'openai';
import { expect, test } from 'vitest';
import { endpoint } from '#test/support/front.ts';
import { frontOf } from '#test/support/front-scenery.ts';
import { mocksOf } from '#test/support/mock-scenery.ts';

async function clientBeforeMocks() {
  const mocks = await mocksOf({ count: 2, speed: 100, kvEvents: false });
  const engines = mocks.engines.map(({ name, url }, at) =>
    endpoint(name, url, { worker: at, target: at }),
  );
  const started = await frontOf({ engines });
  const client = new OpenAI({ baseURL: `${started.front.url}/v1`, apiKey: 'none', maxRetries: 0 });
  return { client, ...started };
}

const messages = [{ role: 'user', content: 'which worker?' }] as const;

test('the official client lists, chats, streams and completes', async () => {
  const { client, dispatcher, record } = await clientBeforeMocks();
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(['tiny']);

  const chat = await client.chat.completions.create({
    model: 'tiny',
    messages: [...messages],
    max_tokens: 5,
  });
  expect(chat.usage?.completion_tokens).toBe(5);

  const stream = await client.chat.completions.create({
    model: 'tiny',
    messages: [...messages],
    max_tokens: 5,
    stream: true,
    stream_options: { include_usage: true },
  });
  let text = '';
  let usage: number | undefined;
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? '';
    usage = chunk.usage?.completion_tokens ?? usage;
  }
  expect([text, usage]).toEqual([chat.choices[0]?.message.content, 5]);
  expect(await record(1)).toMatchObject({ outcome: 'complete', outputTokens: 5 });

  const completion = await client.completions.create({
    model: 'tiny',
    prompt: [1, 2, 3],
    max_tokens: 4,
  });
  expect(completion.choices[0]?.text).toMatch(/\S/);
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('the official client understands how it is refused, and may leave', async () => {
  const { client, dispatcher, record } = await clientBeforeMocks();
  await client.models.list();
  const lost = await client.completions
    .create({ model: 'nobody', prompt: 'x' })
    .catch((error: unknown) => error as APIError);
  expect(lost).toBeInstanceOf(APIError);
  expect(lost).toMatchObject({ status: 404, param: 'model', type: 'NotFoundError' });
  const stream = await client.completions.create({
    model: 'tiny',
    prompt: 'x',
    max_tokens: 4000,
    stream: true,
  });
  for await (const _chunk of stream) break;
  expect(await record(1)).toMatchObject({ outcome: 'client_gone' });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});
