import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { endpoint, get, post, startTestFront, type TestFront } from '#test/support/front.ts';
import { plain, type ScriptedEngine, startScriptedEngine } from '#test/support/scripted-engine.ts';

let engine: ScriptedEngine;
let started: TestFront;

beforeAll(async () => {
  engine = await startScriptedEngine(({ socket }) => void socket.write(plain('{}')));
  const http = {
    port: 0,
    max_body_bytes: 4096,
    max_header_bytes: 2048,
    header_timeout_secs: 0.4,
    body_timeout_secs: 0.4,
  };
  started = await startTestFront({ engines: [endpoint('a', engine.url)], config: { http } });
  await get(started.front, '/v1/models');
});
afterAll(async () => {
  await started.front.close();
  await engine.close();
});

const CHAT = '/v1/chat/completions';
const COMPLETIONS = '/v1/completions';
const prompt = { model: 'tiny', prompt: [1] };
const errorOf = (text: string): Record<string, unknown> =>
  (JSON.parse(text) as { error: Record<string, unknown> }).error;

test.each<[string, string, object | string | Buffer, number, string, string | null]>([
  ['no JSON', COMPLETIONS, '{"model": "tiny", "prompt": [1, 2', 400, "',' or ']'", 'body.33'],
  ['no object', COMPLETIONS, '[1]', 400, 'no JSON object', 'body.0'],
  ['nothing', COMPLETIONS, '', 400, 'the body is empty', 'body'],
  ['two objects', COMPLETIONS, '{"a":1} {}', 400, 'something behind', 'body.8'],
  [
    'no UTF-8',
    COMPLETIONS,
    Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    400,
    'no UTF-8',
    null,
  ],
  ['too deep', COMPLETIONS, `{"a":${'['.repeat(2000)}`, 400, '512 levels', 'body.517'],
  ['too large', COMPLETIONS, 'x'.repeat(5000), 413, 'larger than 4096 bytes', null],
  [
    'no model of ours',
    COMPLETIONS,
    { model: 'nobody', prompt: 'x' },
    404,
    'The model `nobody` does not exist. Valid aliases: tiny.',
    'model',
  ],
  [
    'a model that is a number',
    COMPLETIONS,
    { model: 3, prompt: 'x' },
    400,
    'not a string',
    'body.model',
  ],
  ['no prompt', COMPLETIONS, { model: 'tiny' }, 400, 'missing', 'body.prompt'],
  [
    'an empty prompt',
    COMPLETIONS,
    { model: 'tiny', prompt: [] },
    400,
    'at least one prompt',
    'prompt',
  ],
  [
    'a prompt that is an object',
    COMPLETIONS,
    { model: 'tiny', prompt: {} },
    400,
    'not array or string',
    'body.prompt',
  ],
  [
    'a token that is none',
    COMPLETIONS,
    { model: 'tiny', prompt: [1, -1] },
    400,
    '-1 where a token id belongs',
    'prompt',
  ],
  ['no messages', CHAT, { model: 'tiny' }, 400, 'missing', 'body.messages'],
  [
    'messages that are text',
    CHAT,
    { model: 'tiny', messages: 'hi' },
    400,
    'not array',
    'body.messages',
  ],
  [
    'a limit that is text',
    COMPLETIONS,
    { ...prompt, max_tokens: 'many' },
    400,
    'not a number',
    'body.max_tokens',
  ],
  [
    'a limit below 0',
    COMPLETIONS,
    { ...prompt, max_tokens: -1 },
    400,
    'max_tokens must be at least 1, got -1.',
    'max_tokens',
  ],
  [
    'a stream that is text',
    COMPLETIONS,
    { ...prompt, stream: 'yes' },
    400,
    'not a boolean',
    'body.stream',
  ],
  [
    'an unknown hint',
    COMPLETIONS,
    { ...prompt, nvext: { agent_hint: {} } },
    400,
    'did you mean "agent_hints"?',
    'nvext.agent_hint',
  ],
  [
    'an unknown agent hint',
    COMPLETIONS,
    { ...prompt, nvext: { agent_hints: { prio: 1 } } },
    400,
    'unknown field',
    'nvext.agent_hints.prio',
  ],
  [
    'a hint that is none',
    COMPLETIONS,
    { ...prompt, nvext: { dp_rank: -1 } },
    400,
    'not a whole number',
    'nvext.dp_rank',
  ],
  [
    'two salts',
    COMPLETIONS,
    { ...prompt, cache_salt: 'a', nvext: { cache_salt: 'b' } },
    400,
    'leave one',
    'nvext.cache_salt',
  ],
])('%s', async (_what, path, body, status, message, param) => {
  const reply = await post(started.front, path, body);
  expect(reply.status).toBe(status);
  const error = errorOf(reply.text);
  expect(error).toMatchObject({ param, code: status });
  expect(error.message).toContain(message);
  expect(engine.requests).toHaveLength(0);
});

test.each([
  [{ 'content-type': 'text/plain' }, 400, "Only 'application/json' is allowed"],
  [{ 'content-encoding': 'gzip' }, 415, 'encoded as gzip'],
  [{ 'x-dynamo-dp-rank': 'one' }, 400, 'x-dynamo-dp-rank: not a whole number'],
  [{ 'x-tenant-id': 'x'.repeat(300) }, 400, 'x-tenant-id: longer than 256'],
])('headers %j', async (headers, status, message) => {
  const reply = await post(
    started.front,
    COMPLETIONS,
    prompt,
    headers as unknown as Record<string, string>,
  );
  expect(reply.status).toBe(status);
  expect(errorOf(reply.text).message).toContain(message);
});

test('unknown paths and wrong methods say what there is', async () => {
  const lost = await get(started.front, '/v1/nothing');
  expect([lost.status, errorOf(lost.text).message]).toEqual([
    404,
    expect.stringContaining('/v1/chat/completions'),
  ]);
  const wrong = await get(started.front, COMPLETIONS);
  expect([wrong.status, wrong.headers.allow]).toEqual([405, 'POST']);
  expect((await post(started.front, '/health', {})).status).toBe(405);
});

/** What a client on a bare socket gets for bytes that it sends, until it is hung up on. */
function speak(bytes: string | Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(started.front.port, '127.0.0.1', () => void socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
  });
}

test.each([
  ['speaks no HTTP', 'hello\r\n\r\n', 400],
  ['names no host', 'GET /live HTTP/1.1\r\n\r\n', 400],
  ['has too many headers', `GET /live HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(4000)}\r\n\r\n`, 431],
  ['never ends its headers', 'GET /live HTTP/1.1\r\nhost: x\r\na: ', 408],
  [
    'never ends its body',
    `POST ${COMPLETIONS} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{`,
    408,
  ],
  [
    'smuggles',
    `POST ${COMPLETIONS} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
])('a client that %s is told, and hung up on', async (_what, bytes, status) => {
  expect(await speak(bytes)).toContain(`HTTP/1.1 ${status} `);
});

test('whatever is sent, the router answers with a status and stays up', async () => {
  const bodies = fc.oneof(
    fc.json(),
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc
      .record({
        model: fc.constant('tiny'),
        prompt: fc.jsonValue(),
        nvext: fc.jsonValue(),
        max_tokens: fc.jsonValue(),
      })
      .map((body) => JSON.stringify(body)),
  );
  const paths = fc.constantFrom(CHAT, COMPLETIONS, '/v1/embeddings');
  await fc.assert(
    fc.asyncProperty(paths, bodies, async (path, body) => {
      const reply = await post(started.front, path, body);
      expect([200, 400, 404, 413]).toContain(reply.status);
      if (reply.status !== 200) expect(errorOf(reply.text)).toHaveProperty('message');
    }),
    { numRuns: 150 },
  );
  expect(started.faults).toEqual([]);
  expect([started.dispatcher.open, started.dispatcher.endedTwice]).toEqual([0, 0]);
  expect((await get(started.front, '/live')).status).toBe(200);
});
