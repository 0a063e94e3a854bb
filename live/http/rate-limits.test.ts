import { createHash } from 'node:crypto';
import OpenAI from 'openai';
import { expect, test } from 'vitest';
import { endpoint, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import { ManualClock } from '#test/support/manual-clock.ts';
import { plain, type Script } from '#test/support/scripted-engine.ts';
import { RateLimited, RateLimits } from './rate-limits.ts';
import { ScopeLimit } from './scope-limit.ts';

const prompt = { model: 'tiny', prompt: [1] };
const answers: Script = ({ socket }) => void socket.write(plain('{}'));
const PATH = '/v1/completions';

/** The limit that a request meets, and when it is told to come again; undefined where it comes in. */
function metBy(limits: RateLimits, caller = {}): readonly [string, string | undefined] | undefined {
  try {
    limits.enter(caller);
    return undefined;
  } catch (error) {
    if (!(error instanceof RateLimited)) throw error;
    return [error.limit, error.headers['retry-after']];
  }
}

test('a rate lets its burst in, and then one each so often, of each tenant', () => {
  const clock = new ManualClock();
  const limits = new RateLimits({ per_tenant: { requests_per_sec: 0.25, burst: 2 } }, clock);
  const [x, y] = [{ tenant: 'x' }, { tenant: 'y' }];
  expect([metBy(limits, x), metBy(limits, x)]).toEqual([undefined, undefined]);
  expect(metBy(limits, x)).toEqual(['limits.per_tenant.requests_per_sec', '4']);
  expect([metBy(limits, y), metBy(limits), metBy(limits)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(metBy(limits)).toEqual(['limits.per_tenant.requests_per_sec', '4']);
  clock.advance(2.5e9);
  expect(metBy(limits, x)).toEqual(['limits.per_tenant.requests_per_sec', '2']);
  clock.advance(1.5e9);
  expect([metBy(limits, x), metBy(limits, x)]).toEqual([
    undefined,
    ['limits.per_tenant.requests_per_sec', '4'],
  ]);
});

test('a request that one limit keeps out uses up nothing of the others', () => {
  const clock = new ManualClock();
  const limits = new RateLimits(
    { total: { requests_per_sec: 1, burst: 2 }, per_client: { concurrent: 1 } },
    clock,
  );
  const leave = limits.enter({ client: 'ann' });
  for (let again = 0; again < 5; again++) {
    expect(metBy(limits, { client: 'ann' })).toEqual(['limits.per_client.concurrent', '1']);
  }
  expect(metBy(limits, { client: 'bob' })).toBeUndefined();
  expect(metBy(limits, { client: 'bob' })?.[0]).toBe('limits.total.requests_per_sec');
  leave();
  clock.advance(1e9);
  expect(metBy(limits, { client: 'ann' })).toBeUndefined();
});

test('names that come once are forgotten, also behind one that never rests', () => {
  const limit = new ScopeLimit({ requests_per_sec: 1, concurrent: 3 });
  limit.enter('busy', 0);
  let most = 0;
  for (let at = 1; at <= 10_000; at++) {
    const nowNs = at * 1e8;
    limit.enter(`t${at}`, nowNs);
    limit.leave(`t${at}`);
    most = Math.max(most, limit.size);
  }
  // Ten a second are new, and each is remembered for the second that its bucket takes to fill.
  expect(most).toBeLessThan(40);
  limit.enter('busy', 2e12);
  limit.enter('busy', 3e12);
  expect(limit.refusal('busy', 4e12)?.kind).toBe('concurrent');
});

test('clients that ask for more than they may are told so in the form of OpenAI, and when to come again', async () => {
  const sha256 = (key: string): string => createHash('sha256').update(key).digest('hex');
  const auth = {
    client_keys: ['ann', 'bob'].map((name) => ({
      name,
      sha256: sha256(`key of ${name}`.replaceAll(' ', '')),
    })),
  };
  const limits = { per_client: { requests_per_sec: 0.05, burst: 1 } };
  const engine = await engineThat(answers);
  const engines = [endpoint('a', engine.url)];
  const { front, record } = await frontOf({ engines, config: { auth, limits } });
  const ask = (name: string) => post(front, PATH, prompt, { authorization: `Bearer keyof${name}` });
  expect((await ask('ann')).status).toBe(200);
  const refused = await ask('ann');
  expect(refused.status).toBe(429);
  const comeAgainS = Number(refused.headers['retry-after']);
  expect(comeAgainS >= 1 && comeAgainS <= 20).toBe(true);
  expect(JSON.parse(refused.text)).toEqual({
    error: {
      message:
        'client ann: no more than 0.05 requests per second (limits.per_client.requests_per_sec)',
      type: 'RateLimitError',
      param: null,
      code: 429,
    },
  });
  expect(await record(1)).toMatchObject({
    ...{ outcome: 'limited', limit: 'limits.per_client.requests_per_sec', status: 429 },
    client: 'ann',
  });
  expect((await ask('nobody')).status).toBe(401);
  expect((await ask('bob')).status).toBe(200);
  const openai = new OpenAI({ baseURL: `${front.url}/v1`, apiKey: 'keyofann', maxRetries: 0 });
  await expect(openai.completions.create({ model: 'tiny', prompt: 'x' })).rejects.toThrow(
    OpenAI.RateLimitError,
  );
  expect(engine.requests).toHaveLength(2);
});

test('a request under way makes room however it ends', async () => {
  const engine = await engineThat(() => undefined);
  const engines = [endpoint('a', engine.url)];
  const config = { limits: { total: { concurrent: 1 } }, resilience: { retry_limit: 0 } };
  const { front, record } = await frontOf({ engines, config });
  const statusOf = async () => (await post(front, PATH, prompt)).status;
  const left = new AbortController();
  const leaving = fetch(front.url + PATH, {
    ...{ method: 'POST', body: JSON.stringify(prompt), signal: left.signal },
    headers: { 'content-type': 'application/json' },
  }).catch(() => undefined);
  await engine.request(0);
  expect(await statusOf()).toBe(429);
  left.abort();
  await leaving;
  expect(await record(1)).toMatchObject({ outcome: 'client_gone' });
  engine.play(({ socket }) => void socket.destroy());
  expect(await statusOf()).toBe(502);
  expect((await post(front, PATH, '{')).status).toBe(400);
  engine.play(answers);
  expect([await statusOf(), await statusOf()]).toEqual([200, 200]);
});
