import { expect, test } from 'vitest';
import type { EngineBackend } from '#core/config/serve/engine-list.ts';
import { endpoint, post, type TestFront } from '#test/support/front.ts';
import { engineThat, frontOf } from '#test/support/front-scenery.ts';
import {
  chunk,
  plain,
  type Script,
  type ScriptedEngine,
  STREAM_END,
  STREAM_HEAD,
  tokenEvents,
} from '#test/support/scripted-engine.ts';

interface Pair extends TestFront {
  readonly prefill: ScriptedEngine;
  readonly decode: ScriptedEngine;
}

async function pairOf(
  backend: EngineBackend,
  prefillScript: Script,
  decodeScript: Script,
  config: object = { resilience: { retry_limit: 0 } },
): Promise<Pair> {
  const prefill = await engineThat(prefillScript);
  const decode = await engineThat(decodeScript);
  const started = await frontOf({
    engines: [
      endpoint('p', prefill.url, { backend, role: 'prefill' }),
      endpoint('d', decode.url, { backend, role: 'decode' }),
    ],
    config,
  });
  return { ...started, prefill, decode };
}

const events = tokenEvents([' a', ' b']);
const streams: Script = ({ socket }) => {
  socket.write(STREAM_HEAD + events.map((event) => chunk(event).toString()).join('') + STREAM_END);
};
const request =
  '{"model":"tiny","prompt":[1,2,3],"max_tokens":9,"min_tokens":2,"stream":true,"stream_options":{"include_usage":true},"seed":9007199254740993}';
const bodyOf = (engine: ScriptedEngine, at = 0): string => engine.requests[at]!.body.toString();
const told = ({ dispatcher }: Pair): readonly string[] =>
  dispatcher.tales.map(({ engine, leg, ended }) => `${engine} ${leg} ${ended}`);

test('vLLM: what the prefill engine says of its KV cache reaches the decode engine byte for byte', async () => {
  const params =
    '{"do_remote_prefill": true, "remote_block_ids":[[1,2]],"remote_engine_id":"e","tp_size":1,"id":18446744073709551615}';
  const pair = await pairOf(
    'vllm',
    ({ socket }) =>
      void socket.write(plain(`{"choices":[{"text":"x"}],"kv_transfer_params":${params}}`)),
    streams,
  );
  const reply = await post(pair.front, '/v1/completions', request, { 'x-request-id': 'r1' });
  expect(reply.text).toBe(events.join(''));
  expect(bodyOf(pair.prefill)).toBe(
    '{"model":"tiny","prompt":[1,2,3],"max_tokens":1,"stream":false,"seed":9007199254740993,"kv_transfer_params":{"do_remote_decode":true,"do_remote_prefill":false,"remote_engine_id":null,"remote_block_ids":null,"remote_host":null,"remote_port":null}}',
  );
  expect(bodyOf(pair.decode)).toBe(`${request.slice(0, -1)},"kv_transfer_params":${params}}`);
  for (const engine of [pair.prefill, pair.decode])
    expect(engine.requests[0]!.head).toContain('x-request-id: r1');
  expect(told(pair)).toEqual(['p prefill 1', 'd decode 1']);
  expect(await pair.record(0)).toMatchObject({
    engine: 'd',
    prefillEngine: 'p',
    outcome: 'complete',
  });
});

test('TensorRT-LLM: ids beyond 2^53 pass, and only the type of the request changes', async () => {
  const params =
    '{"request_type":"context_only","ctx_request_id":9007199254740993,"encoded_opaque_state":"AA=="}';
  const context = `{"choices":[{"finish_reason":"length","disaggregated_params":${params}}]}`;
  const pair = await pairOf('trtllm', ({ socket }) => void socket.write(plain(context)), streams);
  await post(pair.front, '/v1/completions', request);
  expect(bodyOf(pair.prefill)).toContain('"disaggregated_params":{"request_type":"context_only"}');
  expect(bodyOf(pair.decode)).toBe(
    `${request.slice(0, -1)},"disaggregated_params":${params.replace('context', 'generation')}}`,
  );
  expect(told(pair)).toEqual(['p prefill 1', 'd decode 1']);
});

test('a prefill engine that falls silent is waited for no longer, and the decode engine does it all', async () => {
  const pair = await pairOf('vllm', () => undefined, streams);
  const asked = post(pair.front, '/v1/completions', request);
  const { hungUp } = await pair.prefill.request(0);
  pair.availability.block(endpoint('p', pair.prefill.url), 'unhealthy');
  expect((await asked).text).toBe(events.join(''));
  await hungUp;
  expect(bodyOf(pair.decode)).toBe(request);
  expect(told(pair)).toEqual(['p prefill 1', 'd whole 1']);
});

test('SGLang: both legs get one room at once, and the prefill leg is read to its end', async () => {
  let finish: (() => void) | undefined;
  const pair = await pairOf(
    'sglang',
    ({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab');
      finish = () => void socket.write('cd');
    },
    streams,
  );
  const reply = await post(pair.front, '/v1/completions', request);
  expect(reply.text).toBe(events.join(''));
  expect(bodyOf(pair.prefill)).toBe(bodyOf(pair.decode));
  expect(bodyOf(pair.decode)).toMatch(
    /,"bootstrap_host":"127.0.0.1","bootstrap_port":8998,"bootstrap_room":\d+\}$/,
  );
  // The client has its answer, the prefill leg is still under way.
  expect(told(pair)).toEqual(['p prefill 0', 'd decode 1']);
  finish?.();
  await pair.record(0);
  expect(told(pair)).toEqual(['p prefill 1', 'd decode 1']);
});

test('SGLang: a list of prompts meets in a room each', async () => {
  const pair = await pairOf('sglang', ({ socket }) => void socket.write(plain('{}')), streams);
  await post(pair.front, '/v1/completions', { model: 'tiny', prompt: ['a', 'b'] });
  const body = JSON.parse(bodyOf(pair.decode)) as {
    bootstrap_room: number[];
    bootstrap_host: string[];
  };
  expect(body.bootstrap_host).toEqual(['127.0.0.1', '127.0.0.1']);
  expect(new Set(body.bootstrap_room).size).toBe(2);
});

test.each([
  ['vllm', 'hangs up', ({ socket }) => void socket.destroy()],
  ['vllm', 'is full', ({ socket }) => void socket.write(plain('{}', '503 Busy'))],
  [
    'vllm',
    'hands nothing over',
    ({ socket }) => void socket.write(plain('{"kv_transfer_params":null}')),
  ],
  ['vllm', 'says nonsense', ({ socket }) => void socket.write(plain('nonsense'))],
  ['trtllm', 'hangs up', ({ socket }) => void socket.destroy()],
  [
    'trtllm',
    'has ended the answer',
    ({ socket }) =>
      void socket.write(plain('{"choices":[{"finish_reason":"stop","disaggregated_params":{}}]}')),
  ],
] as const satisfies readonly (readonly [EngineBackend, string, Script])[])(
  '%s: when the prefill engine %s the decode engine computes the prompt too',
  async (backend, _what, script) => {
    const pair = await pairOf(backend, script, streams);
    expect((await post(pair.front, '/v1/completions', request)).text).toBe(events.join(''));
    expect(bodyOf(pair.decode)).toBe(request);
    await pair.record(0);
    expect(told(pair)).toEqual(['p prefill 1', 'd whole 1']);
  },
);

test('SGLang: when the prefill engine fails the decode leg is called off, and the prompt computed there', async () => {
  const pair = await pairOf(
    'sglang',
    ({ socket }) => void socket.destroy(),
    ({ body, socket }, turn) => {
      if (!body.includes('bootstrap_room')) void streams({ socket } as never, turn);
    },
  );
  expect((await post(pair.front, '/v1/completions', request)).text).toBe(events.join(''));
  await pair.record(0);
  expect(bodyOf(pair.decode, pair.decode.requests.length - 1)).toBe(request);
  expect(told(pair)).toEqual(['p prefill 1', 'd decode 1', 'd whole 1']);
});

test('SGLang: each leg is called off when the other fails, and only the engine that failed is to blame', async () => {
  const hangsUp: Script = ({ socket }) => void socket.destroy();
  const waits: Script = () => undefined;
  const resilience = { retry_limit: 0, breaker_failures: 1 };
  const config = { resilience };
  const one = await pairOf('sglang', waits, hangsUp, config);
  expect((await post(one.front, '/v1/completions', request)).text).toContain('engine d broke off');
  await one.prefill.requests[0]!.hungUp;
  await one.record(0);
  expect(told(one)).toEqual(['p prefill 1', 'd decode 1']);
  expect(['p', 'd'].map((name) => one.availability.reasons(name))).toEqual([[], ['failing']]);

  const other = await pairOf(
    'sglang',
    ({ socket }) => void socket.write(plain('{}', '400 Bad Request')),
    ({ body, socket }, turn) => {
      if (!body.includes('bootstrap_room')) void streams({ socket } as never, turn);
    },
    config,
  );
  expect((await post(other.front, '/v1/completions', request)).text).toBe(events.join(''));
  await other.record(0);
  expect(['p', 'd'].map((name) => other.availability.reasons(name))).toEqual([[], []]);
});

test('what the prefill engine says of the request itself is the answer', async () => {
  const pair = await pairOf(
    'vllm',
    ({ socket }) => void socket.write(plain('{"error":1}', '400 Bad Request')),
    streams,
  );
  expect(await post(pair.front, '/v1/completions', request)).toMatchObject({
    status: 400,
    text: '{"error":1}',
  });
  expect(await pair.record(0)).toMatchObject({ outcome: 'complete', status: 400 });
  expect(pair.decode.requests).toHaveLength(0);
  expect(told(pair)).toEqual(['p prefill 1']);
});
