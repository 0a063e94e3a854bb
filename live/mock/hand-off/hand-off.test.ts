import { expect, test } from 'vitest';
import { mockOf } from '#test/support/mock-scenery.ts';

const PROMPT = Array.from({ length: 40 }, (_, index) => 300 + index);
const ASK = { model: 'tiny', prompt: PROMPT };
const REMOTE_DECODE = { do_remote_decode: true, do_remote_prefill: false };

/** The answer as it came: what opaque integers are in it must not be parsed here. */
async function post(url: string, body: string | object) {
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}

const paramsIn = (text: string): string => /"kv_transfer_params":(\{.*?\})/.exec(text)![1]!;
const asked = (params: string): string =>
  `${JSON.stringify({ ...ASK, max_tokens: 5 }).slice(0, -1)},"kv_transfer_params":${params}}`;

test('a prompt that vLLM computes on one engine is answered by another, as one alone would', async () => {
  const alone = await mockOf({});
  const prefill = await mockOf({ role: 'prefill' });
  const kvTransfer = { bytes_per_token: 1000, bandwidth_gb_s: 1 };
  const decode = await mockOf({ role: 'decode', kvTransfer });
  const whole = JSON.parse((await post(alone.url, { ...ASK, max_tokens: 5 })).text);
  const first = await post(prefill.url, {
    ...ASK,
    max_tokens: 1,
    kv_transfer_params: REMOTE_DECODE,
  });
  expect(prefill.mock.life.holds.count).toBe(1);
  const answer = JSON.parse((await post(decode.url, asked(paramsIn(first.text)))).text);
  expect(answer.choices[0].text).toBe(whole.choices[0].text);
  await expect.poll(() => prefill.mock.worker.engine.isEmpty).toBe(true);
  expect([prefill.mock.life.holds.count, decode.mock.worker.engine.isEmpty]).toEqual([0, true]);
  const [{ stats }] = decode.mock.worker.views() as [never, ...never[]] & { stats: never }[];
  expect(stats).toMatchObject({ copiedTokens: 40, cachedTokens: 0, generationTokens: 5 });
});

test('a handle that went through a floating-point number finds nothing', async () => {
  const prefill = await mockOf({ role: 'prefill' });
  const decode = await mockOf({ role: 'decode' });
  const first = await post(prefill.url, {
    ...ASK,
    max_tokens: 1,
    kv_transfer_params: REMOTE_DECODE,
  });
  const rounded = paramsIn(first.text).replace(
    /"remote_handle":(\d+)/,
    (_, handle: string) => `"remote_handle":${BigInt(handle) ^ 1n}`,
  );
  const { status, text } = await post(decode.url, asked(rounded));
  expect([status, JSON.parse(text).error.type]).toEqual([500, 'InternalServerError']);
  await expect.poll(() => decode.mock.worker.engine.isEmpty).toBe(true);
});

test('a decode engine without a prompt from elsewhere computes it itself', async () => {
  const decode = await mockOf({ role: 'decode' });
  const { status, text } = await post(decode.url, { ...ASK, max_tokens: 5 });
  expect([status, JSON.parse(text).usage.completion_tokens]).toEqual([200, 5]);
});

test('engines of SGLang meet in the room that both were told of', async () => {
  const prefill = await mockOf({ backend: 'sglang', role: 'prefill' });
  const decode = await mockOf({ backend: 'sglang', role: 'decode' });
  const room = `${JSON.stringify({ ...ASK, max_tokens: 5 }).slice(0, -1)},"bootstrap_host":"127.0.0.1","bootstrap_port":${prefill.bootstrapPort},"bootstrap_room":9007199254740993}`;
  const answers = await Promise.all([post(decode.url, room), post(prefill.url, room)]);
  const tokens = answers.map(({ text }) => JSON.parse(text).usage.completion_tokens);
  expect([answers.map(({ status }) => status), tokens]).toEqual([
    [200, 200],
    [5, 1],
  ]);
  await expect.poll(() => prefill.mock.worker.engine.isEmpty).toBe(true);
});
