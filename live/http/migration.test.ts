import { expect, test } from 'vitest';
import { endpoint, post, type TestFront } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import {
  chunk,
  plain,
  type Script,
  type ScriptedEngine,
  STREAM_END,
  STREAM_HEAD,
} from '#test/support/scripted-engine.ts';

/** What vLLM writes for a token: with its ids where it is asked for them. */
function event(
  token: number,
  isAsked: boolean,
  prompt?: readonly number[],
  reason = 'null',
): string {
  const ids = isAsked ? `[${token}]` : 'null';
  const promptIds = isAsked && prompt !== undefined ? JSON.stringify(prompt) : 'null';
  return `data: {"id":"cmpl-r","choices":[{"index":0,"text":" w${token}","logprobs":null,"finish_reason":${reason},"stop_reason":null,"prompt_token_ids":${promptIds},"token_ids":${ids}}]}\n\n`;
}

function usage(promptTokens: number, generated: number): string {
  const total = promptTokens + generated;
  return `data: {"id":"cmpl-r","choices":[],"usage":{"prompt_tokens":${promptTokens},"total_tokens":${total},"completion_tokens":${generated},"prompt_tokens_details":null}}\n\n`;
}

/** An engine whose next token is the last of the prompt plus one; it fails after so many. */
function counting(failsAfter: number): Script {
  return ({ body, socket }) => {
    const asked = JSON.parse(body.toString()) as {
      prompt: number[];
      max_tokens: number;
      return_token_ids?: boolean;
    };
    const { prompt, max_tokens, return_token_ids = false } = asked;
    const last = prompt.at(-1)!;
    socket.write(STREAM_HEAD);
    for (let at = 1; at <= Math.min(max_tokens, failsAfter); at++) {
      const reason = at === max_tokens ? '"length"' : 'null';
      socket.write(
        chunk(event(last + at, return_token_ids, at === 1 ? prompt : undefined, reason)),
      );
    }
    if (max_tokens > failsAfter) {
      // The last event is cut in two by the crash.
      socket.write(chunk(event(last + failsAfter + 1, return_token_ids).slice(0, 40)));
      setImmediate(() => socket.destroy());
      return;
    }
    socket.write(
      Buffer.concat([
        chunk(usage(prompt.length, max_tokens)),
        chunk('data: [DONE]\n\n'),
        Buffer.from(STREAM_END),
      ]),
    );
  };
}

function movingBetween(
  engines: readonly ScriptedEngine[],
  migration_limit: number,
): Promise<TestFront> {
  const named = engines.map(({ url }, at) => endpoint('abc'[at]!, url));
  return frontOf({ engines: named, config: { resilience: { migration_limit } } });
}

const body = { model: 'tiny', prompt: [10, 11], max_tokens: 6, min_tokens: 5, stream: true };
const whole = [12, 13, 14, 15, 16, 17].map((token) =>
  event(token, false, undefined, token === 17 ? '"length"' : 'null'),
);
const wholeText = [...whole, usage(2, 6), 'data: [DONE]\n\n'].join('');

test('a completion goes on at other engines, and the client sees the answer of one', async () => {
  const engines = [
    await engineThat(counting(2)),
    await engineThat(counting(3)),
    await engineThat(counting(9)),
  ];
  const { front, dispatcher, record } = await movingBetween(engines, 3);
  const reply = await post(front, '/v1/completions', body);
  expect(reply.text).toBe(wholeText);
  const asked = engines.map(({ requests }) => JSON.parse(requests[0]!.body.toString()) as object);
  expect(asked[0]).toEqual({ ...body, return_token_ids: true });
  expect(asked[1]).toEqual({
    ...body,
    return_token_ids: true,
    prompt: [10, 11, 12, 13],
    max_tokens: 4,
    min_tokens: 3,
  });
  expect(asked[2]).toEqual({
    ...body,
    return_token_ids: true,
    prompt: [10, 11, 12, 13, 14, 15, 16],
    max_tokens: 1,
    min_tokens: 0,
  });
  expect(await record(0)).toMatchObject({
    outcome: 'complete',
    migrations: 2,
    outputTokens: 6,
    engine: 'c',
  });
  expect(
    dispatcher.asks.map(({ prompt, excludedWorkers }) => [prompt.inputTokens, excludedWorkers]),
  ).toEqual([
    [2, undefined],
    [4, ['a']],
    [7, ['a', 'b']],
  ]);
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('without a limit nothing is asked for and nothing moves', async () => {
  const engines = [await engineThat(counting(2)), await engineThat(counting(9))];
  const { front, record } = await movingBetween(engines, 0);
  const reply = await post(front, '/v1/completions', body);
  expect(JSON.parse(engines[0]!.requests[0]!.body.toString())).toEqual(body);
  expect(reply.text).toContain('engine a broke off');
  expect(engines[1]!.requests).toHaveLength(0);
  expect(await record(0)).toMatchObject({ outcome: 'engine_failed', migrations: 0 });
});

test('beyond the limit the stream breaks off, with what came before', async () => {
  const engines = [
    await engineThat(counting(2)),
    await engineThat(counting(1)),
    await engineThat(counting(9)),
  ];
  const { front, record } = await movingBetween(engines, 1);
  const reply = await post(front, '/v1/completions', body);
  expect(reply.text.startsWith(whole.slice(0, 3).join(''))).toBe(true);
  expect(reply.text).toContain('engine b broke off');
  expect(await record(0)).toMatchObject({
    outcome: 'engine_failed',
    migrations: 1,
    outputTokens: 3,
  });
});

test.each([
  ['is full', '503 Service Unavailable', '{"error":"full"}'],
  ['finds the prompt too long', '400 Bad Request', '{"error":"too long"}'],
])(
  'an engine that %s leaves the answer to the next, and nothing in it',
  async (_what, status, text) => {
    const refuses: Script = ({ socket }) => void socket.write(plain(text, status));
    const engines = [
      await engineThat(counting(2)),
      await engineThat(refuses),
      await engineThat(counting(9)),
    ];
    const { front, record } = await movingBetween(engines, 2);
    expect((await post(front, '/v1/completions', body)).text).toBe(wholeText);
    expect(await record(0)).toMatchObject({ outcome: 'complete', status: 200, migrations: 2 });

    const short = await movingBetween(engines.slice(0, 2), 1);
    const reply = await post(short.front, '/v1/completions', body);
    expect(reply.text.startsWith(whole.slice(0, 2).join(''))).toBe(true);
    expect(reply.text).toContain(`engine b declined to go on: it answered ${status.slice(0, 3)}`);
    expect(await short.record(0)).toMatchObject({ outcome: 'engine_failed', migrations: 1 });
  },
);

test('an engine that tells no ids is not asked for the rest of an answer', async () => {
  const engines = [
    await engineThat(counting(2)),
    await engineThat(counting(9)),
    await engineThat(counting(9)),
  ];
  const { front, dispatcher, record } = await frontOf({
    engines: engines.map(({ url }, at) =>
      endpoint('abc'[at]!, url, at === 1 ? { backend: 'openai' } : {}),
    ),
    config: { resilience: { migration_limit: 2 } },
  });
  expect((await post(front, '/v1/completions', body)).text).toBe(wholeText);
  expect(engines[1]!.requests).toHaveLength(0);
  expect(await record(0)).toMatchObject({ outcome: 'complete', migrations: 2, engine: 'c' });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('an answer of two legs goes on with two others', async () => {
  const params = '{"remote_engine_id":"p"}';
  const handsOver: Script = ({ socket }) =>
    void socket.write(plain(`{"choices":[{"text":"x"}],"kv_transfer_params":${params}}`));
  const prefill = await engineThat(handsOver);
  const decodes = [await engineThat(counting(2)), await engineThat(counting(9))];
  const { front, dispatcher, record } = await frontOf({
    engines: [
      endpoint('p', prefill.url, { role: 'prefill' }),
      ...decodes.map(({ url }, at) => endpoint('ab'[at]!, url, { role: 'decode' })),
    ],
    config: { resilience: { migration_limit: 1 } },
  });
  expect((await post(front, '/v1/completions', body)).text).toBe(wholeText);
  const asked = [...prefill.requests, ...decodes[1]!.requests].map(
    (request) => JSON.parse(request.body.toString()) as object,
  );
  expect(asked[1]).toMatchObject({ prompt: [10, 11, 12, 13], max_tokens: 1 });
  expect(asked[2]).toMatchObject({
    prompt: [10, 11, 12, 13],
    max_tokens: 4,
    kv_transfer_params: JSON.parse(params) as object,
  });
  expect(await record(0)).toMatchObject({ outcome: 'complete', migrations: 1, engine: 'b' });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
});

test('an error of the engine passes as it is, where an answer could have moved', async () => {
  const engine = await engineThat(
    ({ socket }) => void socket.write(plain('{"error":{"code":400}}', '400 Bad Request')),
  );
  const { front } = await movingBetween([engine], 1);
  expect(await post(front, '/v1/completions', body)).toMatchObject({
    status: 400,
    text: '{"error":{"code":400}}',
  });
});

test('a client that asks for ids gets them', async () => {
  const engines = [await engineThat(counting(2)), await engineThat(counting(9))];
  const { front } = await movingBetween(engines, 1);
  const reply = await post(front, '/v1/completions', { ...body, return_token_ids: true });
  const ids = [12, 13, 14, 15, 16, 17].map((token) =>
    event(token, true, token === 12 ? [10, 11] : undefined, token === 17 ? '"length"' : 'null'),
  );
  expect(reply.text).toBe([...ids, usage(2, 6), 'data: [DONE]\n\n'].join(''));
});

test.each([
  [
    'chats',
    '/v1/chat/completions',
    { model: 'tiny', messages: [{ role: 'user', content: 'x' }], stream: true },
  ],
  ['several answers', '/v1/completions', { ...body, n: 2 }],
  ['lists of prompts', '/v1/completions', { ...body, prompt: [[1], [2]] }],
  ['echoes', '/v1/completions', { ...body, echo: true }],
] as const)('%s are passed as they are', async (_what, path, asked) => {
  const engine = await engineThat(({ socket }) => void socket.end(`${STREAM_HEAD}${STREAM_END}`));
  const { front } = await movingBetween([engine], 3);
  await post(front, path, asked);
  expect(JSON.parse(engine.requests[0]!.body.toString())).toEqual(asked);
});
