import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { startMockEngines } from '#test/support/mock-engines.ts';
import { providePython } from '#test/support/python.ts';
import {
  type ScriptedRequest,
  STREAM_END,
  STREAM_HEAD,
  startScriptedEngine,
} from '#test/support/scripted-engine.ts';
import { ServeProcess } from '#test/support/serve-process.ts';
import { until } from '#test/support/until.ts';
import type { Lane, Verdict } from '../lane.ts';

const VERSION = '3.57.0';
const CLIENT = join(import.meta.dirname, 'openai_client.py');

/** What the client is to understand, thing by thing. */
const EXPECTED = [
  { what: 'models', ids: ['tiny'] },
  { what: 'chat', tokens: 6, streamed: 6, same: true },
  { what: 'completions', choices: 2, tokens: 8 },
  { what: 'tools', name: 'weather', arguments: { city: 'Zürich' } },
  { what: 'embeddings', count: 2, alike: true, tokens: true },
  { what: 'unknown model', error: 'NotFoundError', status: 404, told: true },
  { what: 'wrong type', error: 'BadRequestError', status: 400, told: true },
  { what: 'too long', error: 'BadRequestError', status: 400, told: true },
  { what: 'unknown pin', error: 'InternalServerError', status: 503, told: true },
  { what: 'leaving', left: true },
];

/** The official client of PyPI, release 3.57.0, and what it makes of the router's answers. */
export const openaiClient: Lane = {
  name: 'openai-python',
  prepare: () => void provideClient(),
  run: async () => {
    const python = provideClient();
    const mocks = await startMockEngines({ count: 2, speed: 20 });
    const caller = await startScriptedEngine(callTool);
    const engines = mocks.engines.map(({ name, url, kvEvents, kvReplay }) => ({
      ...{ name, url, kv_events: kvEvents, kv_replay: kvReplay },
    }));
    const router = await ServeProcess.start({ engines });
    const ofTools = await ServeProcess.start({ engines: [{ name: 'a', url: caller.url }] });
    try {
      return await compare(python, router, ofTools);
    } finally {
      await Promise.all([router.stop(), ofTools.stop()]);
      await Promise.all([mocks.close(), caller.close()]);
    }
  },
};

function provideClient(): string {
  return providePython({
    name: `openai-python-${VERSION}`,
    probe: `import openai; assert openai.__version__ == "${VERSION}"`,
    install: [[`openai==${VERSION}`]],
  });
}

async function compare(
  python: string,
  router: ServeProcess,
  ofTools: ServeProcess,
): Promise<Verdict> {
  const urls = [router, ofTools].map(({ url }) => `${url}/v1`);
  const { stdout } = await promisify(execFile)(python, [CLIENT, ...urls]);
  const found = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  const wrong = EXPECTED.flatMap((expected, at) =>
    isDeepStrictEqual(found[at], expected) ? [] : [JSON.stringify(found[at])],
  );
  await until('nothing is booked', async () => (await router.status()).books.requests === 0);
  if (wrong.length > 0) return { passed: false, text: `understood otherwise: ${wrong.join(', ')}` };
  return { passed: true, text: `release ${VERSION} understood all ${found.length} answers` };
}

/** A call of a tool as an engine streams it: its arguments come in pieces, one cut through a letter. */
async function callTool({ socket }: ScriptedRequest): Promise<void> {
  const delta = (value: object, finish_reason: string | null = null): string =>
    `data: ${JSON.stringify({
      ...{ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'tiny' },
      choices: [{ index: 0, delta: value, finish_reason }],
    })}\n\n`;
  const call = (given: object): object => ({ tool_calls: [{ index: 0, ...given }] });
  const named = { id: 'call-1', type: 'function', function: { name: 'weather', arguments: '' } };
  const events = [
    delta({ role: 'assistant', content: null }),
    delta(call(named)),
    ...['{"city": "Z', 'ür', 'ich"}'].map((piece) =>
      delta(call({ function: { arguments: piece } })),
    ),
    delta({}, 'tool_calls'),
    'data: [DONE]\n\n',
  ];
  socket.write(STREAM_HEAD);
  const bytes = Buffer.from(events.join(''));
  const middle = bytes.indexOf('ü') + 1;
  for (const piece of [bytes.subarray(0, middle), bytes.subarray(middle)]) {
    socket.write(chunkOf(piece));
    await new Promise((done) => setTimeout(done, 20));
  }
  socket.write(STREAM_END);
}

function chunkOf(piece: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from('\r\n'),
  ]);
}
