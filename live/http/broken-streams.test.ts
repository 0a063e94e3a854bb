import { expect, test } from 'vitest';
import { SseSplitter } from '#live/bytes/sse-splitter.ts';
import { endpoint, post } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import { plain, type Script, tokenEvents } from '#test/support/scripted-engine.ts';

const streamed = { model: 'tiny', prompt: [1, 2, 3], max_tokens: 4, stream: true };
const events = tokenEvents([' a', ' b']);
const DONE = events.at(-1)!;

/** The head of a stream whose end is the connection's. */
const UNTIL_CLOSED =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';

function says(stream: string): Script {
  return ({ socket }) => void socket.end(UNTIL_CLOSED + stream);
}

function error(code: number, message: string): string {
  return `data: ${JSON.stringify({ error: { message, type: 'SomeError', code } })}\n\n`;
}

/** The payloads of a stream's events. */
function payloads(text: string): readonly string[] {
  const found: string[] = [];
  new SseSplitter().push(Buffer.from(text), (data) => found.push(data.toString()));
  return found;
}

const FORMS = { 'line feeds': events, both: events.map((one) => one.replaceAll('\n', '\r\n')) };

test.each(Object.entries(FORMS))(
  'wherever a stream with %s breaks, what is told of it is an event of its own',
  async (_form, whole) => {
    const stream = whole.join('');
    let length = 0;
    const engine = await engineThat((request) => says(stream.slice(0, length))(request, 0));
    const { front, record } = await frontOf({
      engines: [endpoint('a', engine.url)],
      config: { resilience: { breaker_failures: 0 } },
    });
    for (length = 1; length < stream.length; length++) {
      const { text } = await post(front, '/v1/completions', streamed);
      expect(text.startsWith(stream.slice(0, length))).toBe(true);
      const told = payloads(text);
      expect(JSON.parse(told.at(-1)!)).toMatchObject({ error: { message: 'engine a broke off' } });
      const complete = payloads(stream.slice(0, length));
      expect(told.slice(0, complete.length)).toEqual(complete);
      expect(await record(length - 1)).toMatchObject({ outcome: 'engine_failed', status: 200 });
    }
    expect((await post(front, '/v1/completions', streamed)).text).toBe(stream);
    expect(await record(length - 1)).toMatchObject({ outcome: 'complete' });
  },
);

test('a stream that ends before it has begun is asked of another engine', async () => {
  const [one, two] = [await engineThat(says('')), await engineThat(says(events.join('')))];
  const engines = [endpoint('a', one.url), endpoint('b', two.url)];
  const { front, record } = await frontOf({ engines });
  expect((await post(front, '/v1/completions', streamed)).text).toBe(events.join(''));
  expect(await record(0)).toMatchObject({ outcome: 'complete', engine: 'b' });
});

test('an error in the midst of a stream is told once, and is no whole answer', async () => {
  const stream = events[0]! + error(500, 'out of memory') + DONE;
  const engine = await engineThat(says(stream));
  const { front, record, dispatcher } = await frontOf({ engines: [endpoint('a', engine.url)] });
  expect((await post(front, '/v1/completions', streamed)).text).toBe(stream);
  expect(await record(0)).toMatchObject({ outcome: 'engine_failed', outputTokens: 1, retries: 0 });
  expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
  // The connection breaks behind it: the client has been told.
  engine.play(says(events[0]! + error(500, 'out of memory')));
  const { text } = await post(front, '/v1/completions', streamed);
  expect(text).toBe(events[0]! + error(500, 'out of memory'));
});

/** The answer of an engine that tells the ids of its tokens, from one on. */
function counted(from: number, to: number, last: number): string {
  return Array.from({ length: to - from }, (_, at) => {
    const token = from + at;
    const choice = {
      ...{ index: 0, text: ` w${token}`, finish_reason: token === last ? 'length' : null },
      ...{ prompt_token_ids: at === 0 ? [1, 2, 3] : null, token_ids: [token] },
    };
    return `data: ${JSON.stringify({ choices: [choice] })}\n\n`;
  }).join('');
}

const moving = { resilience: { migration_limit: 2, breaker_failures: 1 } };

test.each([
  ['ends without its end', ''],
  ['tells of an error', error(500, 'out of memory') + DONE],
])('an answer whose stream %s goes on at another engine', async (_how, end) => {
  const one = await engineThat(says(counted(4, 6, 7) + end));
  const two = await engineThat(says(counted(6, 8, 7) + DONE));
  const engines = [endpoint('a', one.url), endpoint('b', two.url)];
  const { front, record } = await frontOf({ engines, config: moving });
  const { text } = await post(front, '/v1/completions', streamed);
  const said = payloads(text)
    .slice(0, -1)
    .map((data) => /w\d/.exec(data)?.[0]);
  expect(said).toEqual(['w4', 'w5', 'w6', 'w7']);
  expect(text.endsWith(DONE)).toBe(true);
  expect(await record(0)).toMatchObject({ outcome: 'complete', migrations: 1, engine: 'b' });
});

test('an error that is the fault of the request is asked of no other engine, nor held against one', async () => {
  const one = await engineThat(says(counted(4, 6, 7) + error(400, 'too long') + DONE));
  const two = await engineThat(says(counted(6, 8, 7) + DONE));
  const engines = [endpoint('a', one.url), endpoint('b', two.url)];
  const { front, record, availability } = await frontOf({ engines, config: moving });
  const { text } = await post(front, '/v1/completions', streamed);
  expect(text.endsWith(error(400, 'too long'))).toBe(true);
  expect(two.requests).toHaveLength(0);
  expect(await record(0)).toMatchObject({ outcome: 'engine_failed', migrations: 0 });
  expect(availability.reasons('a')).toEqual([]);
  // As the first event it is the answer, with its status.
  one.play(says(error(400, 'too long') + DONE));
  const alone = await frontOf({ engines: engines.slice(0, 1), config: moving });
  const { status, text: first } = await post(alone.front, '/v1/completions', streamed);
  expect([status, JSON.parse(first)]).toMatchObject([400, { error: { message: 'too long' } }]);
});

test('what an engine says of more tokens than were asked for is not believed', async () => {
  const lie = `data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":${1e15}}}\n\n`;
  const engine = await engineThat(says(events.slice(0, 2).join('') + lie + DONE));
  const { front, record } = await frontOf({ engines: [endpoint('a', engine.url)] });
  await post(front, '/v1/completions', streamed);
  expect(await record(0)).toMatchObject({ outcome: 'complete', outputTokens: 2 });
});

test('a refusal that is too long to be passed on is told in our words, and whole', async () => {
  const long = JSON.stringify({ error: { message: 'x'.repeat(100_000) } });
  const engine = await engineThat(
    ({ socket }) => void socket.write(plain(long, '503 Service Unavailable')),
  );
  const { front } = await frontOf({ engines: [endpoint('a', engine.url)] });
  const { status, text } = await post(front, '/v1/completions', streamed);
  expect(status).toBe(503);
  expect(JSON.parse(text)).toMatchObject({ error: { message: 'engine a declined', code: 503 } });
});
