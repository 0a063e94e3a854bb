import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';

/** A request and its answer, as bytes were on the socket; each character is a byte. */
interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly answer: Answer;
}

interface Answer {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
}

let mocks: RunningMocks;

beforeAll(async () => {
  const engine = { block_size: 32, num_gpu_blocks: 25, max_model_len: 640 };
  mocks = await startMockEngines({ engine });
});

afterAll(() => mocks.close());

function readRecorded(file: string): Recorded {
  const [asked, answered] = readFileSync(file, 'latin1').split(/\r?\n?--------\r?\n/, 2);
  const ask = parseMessage(asked!);
  const answer = parseMessage(answered!);
  const [method, path] = ask.first.split(' ');
  const chunked = answer.headers['transfer-encoding'] === 'chunked';
  return {
    method: method!,
    path: path!,
    headers: ask.headers,
    body: ask.body,
    answer: {
      status: Number(answer.first.split(' ')[1]),
      type: answer.headers['content-type'],
      text: chunked ? unchunked(answer.body) : answer.body,
    },
  };
}

function parseMessage(text: string) {
  const end = text.indexOf('\r\n\r\n');
  const [first, ...lines] = text.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { first: first!, headers, body: text.slice(end + 4) };
}

function unchunked(text: string): string {
  let whole = '';
  for (let at = 0; ; ) {
    const line = text.indexOf('\r\n', at);
    const size = line < 0 ? 0 : Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) return whole;
    whole += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
}

function ask({ method, path, headers, body }: Recorded): Promise<Answer> {
  const { hostname, port } = new URL(mocks.engines[0]!.url);
  const { host: _, ...own } = headers;
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers: own }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const type = response.headers['content-type'];
        const text = Buffer.concat(chunks).toString('latin1');
        resolve({ status: response.statusCode!, type, text });
      });
    });
    asked.on('error', reject);
    asked.end(Buffer.from(body, 'latin1'));
  });
}

/** Names and kinds of everything in a value, in order; of a list the first entry stands for all. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? null : typeof value;
  return Object.entries(value).map(([name, part]) => [name, shapeOf(part)]);
}

/** Shapes of the messages of a stream, in the order in which each comes first. */
function streamShapes(text: string): unknown[] {
  const shapes = text
    .trim()
    .split('\n\n')
    .map((message) => {
      expect(message).toMatch(/^data: /);
      const data = message.slice('data: '.length);
      return data === '[DONE]' ? data : JSON.stringify(shapeOf(JSON.parse(data)));
    });
  return [...new Set(shapes)];
}

/** Recordings of one folder that are compared in one way, in the order in which they are asked. */
function cases(folder: string, names: readonly string[]) {
  return names.map((name) => [name, folder] as const);
}

const VLLM = 'vllm-0.32.0';

test.for(
  cases(VLLM, [
    'error-json',
    'error-field',
    'error-model',
    'error-model-stream',
    'error-too-long',
    'error-max-tokens',
    'error-negative',
    'error-empty',
    'error-token-range',
    'error-dp-rank',
    'error-no-body',
    'error-path',
    'error-method',
    'health',
    'ping',
    'version',
    'load',
    'reset',
    'pause',
    'is-paused',
    'resume',
    'sleep',
    'is-sleeping',
  ]),
)('%s is answered byte for byte', async ([name, folder], context) => {
  const recorded = readRecorded(needReference(context, 'peers', 'http', folder, `${name}.http`));
  expect(await ask(recorded)).toEqual(recorded.answer);
  if (name === 'is-sleeping') await ask({ ...recorded, method: 'POST', path: '/wake_up' });
});

test.for([
  ...cases(VLLM, [
    'completion',
    'completion-cached',
    'completion-salt',
    'completion-request-id',
    'completion-dp-rank',
    'completion-kv-params',
    'chat',
    'models',
    'tokenize',
    'tokenize-chat',
    'detokenize',
    'kv-event-sources',
  ]),
  ...cases('vllm-0.32.0-scale-out', ['render-completion', 'render-chat']),
])('%s has the keys and kinds that were recorded', async ([name, folder], context) => {
  const recorded = readRecorded(needReference(context, 'peers', 'http', folder, `${name}.http`));
  const answer = await ask(recorded);
  const { status, type, text } = recorded.answer;
  expect([answer.status, answer.type]).toEqual([status, type]);
  expect(shapeOf(JSON.parse(answer.text))).toEqual(shapeOf(JSON.parse(text)));
});

test.for(
  cases(VLLM, [
    'completion-stream',
    'completion-stream-continuous',
    'completion-token-ids',
    'completion-list',
    'completion-n2',
    'chat-stream',
    'chat-stream-no-usage',
  ]),
)('%s streams the messages that were recorded', async ([name, folder], context) => {
  const recorded = readRecorded(needReference(context, 'peers', 'http', folder, `${name}.http`));
  const answer = await ask(recorded);
  const { status, type, text } = recorded.answer;
  expect([answer.status, answer.type]).toEqual([status, type]);
  expect(streamShapes(answer.text)).toEqual(streamShapes(text));
});

test('a cached prompt and a given id are answered as they were recorded', async (context) => {
  const read = (name: string): Recorded =>
    readRecorded(needReference(context, 'peers', 'http', VLLM, `${name}.http`));
  const [cached, named] = [read('completion-cached'), read('completion-request-id')];
  await ask(cached);
  const { usage } = JSON.parse((await ask(cached)).text);
  expect(usage).toEqual(JSON.parse(cached.answer.text).usage);
  expect(JSON.parse((await ask(named)).text).id).toBe(JSON.parse(named.answer.text).id);
});
