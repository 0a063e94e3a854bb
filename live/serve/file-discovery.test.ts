import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningMocks, startMockEngines } from '#test/support/mock-engines.ts';
import { ServeInProcess } from '#test/support/serve-in-process.ts';
import { until } from '#test/support/until.ts';

const PROMPT = Array.from({ length: 64 }, (_, at) => 300 + at);
/** Tokens of an answer that takes seconds, at a millisecond each. */
const LONG = 3_000;

let mocks: RunningMocks;
const router = new ServeInProcess();

beforeAll(async () => {
  mocks = await startMockEngines({ count: 3 });
});

afterAll(async () => {
  await router.close();
  await mocks.close();
});

/** The entries of some of the mock engines. */
function entries(...which: readonly number[]): readonly object[] {
  return which.map((at) => {
    const { name, url, kvEvents, kvReplay } = mocks.engines[at]!;
    return { name, url, block_size: 16, kv_events: kvEvents, kv_replay: kvReplay };
  });
}

function list(...which: readonly number[]): void {
  router.write('engines.yaml', { engines: entries(...which) });
}

async function states(): Promise<string[]> {
  const { discovery } = await router.status();
  return discovery.engines.map(({ name, origin, state }) => `${name} ${origin} ${state}`);
}

async function become(...expected: readonly string[]): Promise<void> {
  await until(expected.join(', '), async () => (await states()).join() === expected.join());
}

test('engines of a file join and leave while the router runs, and running requests end', async () => {
  list(1);
  await router.start({
    engines: entries(0),
    discovery: { file: { path: 'engines.yaml', interval_secs: 0.02 } },
  });
  expect(await states()).toEqual(['engine-0 static serving', 'engine-1 file serving']);
  list(1, 2);
  await become('engine-0 static serving', 'engine-1 file serving', 'engine-2 file serving');
  // One request stays on engine-2 while that leaves.
  const pinned = { nvext: { backend_instance_id: 2 }, stream: true };
  const long = await router.complete(PROMPT, { ...pinned, max_tokens: LONG });
  expect(long.headers.get('x-windtunnel-engine')).toBe('engine-2');
  list(1);
  await become('engine-0 static serving', 'engine-1 file serving', 'engine-2 file leaving');
  const others = await Promise.all(Array.from({ length: 6 }, () => router.complete(PROMPT)));
  for (const answer of others) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-windtunnel-engine')).not.toBe('engine-2');
    await answer.text();
  }
  expect((await long.text()).trimEnd().endsWith('data: [DONE]')).toBe(true);
  await become('engine-0 static serving', 'engine-1 file serving');
  const status = await router.status();
  expect(status.engines.map(({ name }) => name)).toEqual(['engine-0', 'engine-1']);
  expect(status.books.requests).toBe(0);
  expect(router.notes).toEqual([
    'engine engine-1 (file) serves',
    'engine engine-2 (file) serves',
    'engine engine-2 (file) gets no new requests',
    'engine engine-2 (file) has left',
  ]);
});

test('a broken file is told of and costs nobody, and a mended one counts again', async () => {
  router.notes.length = 0;
  router.write('engines.yaml', 'engines: [{name: b, ulr: "http://h:1"}]\n');
  await until('the file is found broken', () => router.notes.length > 0);
  expect(router.notes[0]).toMatch(
    /^discovery by file fails, and the engines that it listed before stay: .*engines\.yaml:1: engines\[0\]\.ulr: unknown key/,
  );
  const { sources } = (await router.status()).discovery;
  expect(sources.map(({ origin, state, engines }) => [origin, state, engines])).toEqual([
    ['static', 'listed', 1],
    ['file', 'failing', 1],
  ]);
  expect((await router.complete(PROMPT)).status).toBe(200);
  list(2);
  await become('engine-0 static serving', 'engine-2 file serving');
  // Cut short, as by a writer that has died.
  router.notes.length = 0;
  router.write('engines.yaml', '');
  await until('that is told of', () =>
    router.notes.some((note) => note.includes('engines: missing')),
  );
  expect(await states()).toEqual(['engine-0 static serving', 'engine-2 file serving']);
});

test('an engine that does not fit, or is listed twice, is left out with a reason', async () => {
  const [engine] = entries(1);
  router.write('engines.yaml', {
    engines: [
      { ...engine, name: 'engine-0' },
      { ...entries(2)[0], role: 'prefill' },
    ],
  });
  await become('engine-0 static serving', 'engine-2 file refused');
  const { discovery } = await router.status();
  expect(discovery.sources[1]!.left_out).toEqual([
    { name: 'engine-0', why: 'an engine of that name is listed already (static)' },
  ]);
  expect(discovery.engines[1]!.problem).toContain('has a role that no engine had');
  const metrics = await (await fetch(`${router.url}/metrics`)).text();
  expect(metrics).toContain('windtunnel_discovery_engines{origin="file",state="refused"} 1');
  expect(metrics).toMatch(/windtunnel_discovery_left_out\{origin="file",place=".*"\} 1/);
  expect(metrics).toMatch(/windtunnel_discovery_failing\{origin="file",place=".*"\} 0/);
});
