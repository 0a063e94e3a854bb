import { isUtf8 } from 'node:buffer';
import { setImmediate } from 'node:timers/promises';
import { Registry } from 'prom-client';
import { openStream, type RandomStream } from '#core/base/random.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import { editObject } from '#live/bytes/splice.ts';
import { adapterOf } from '#live/engines/adapters.ts';
import { parseMetrics } from '#live/engines/prometheus-text.ts';
import { AnswerWatch } from '#live/http/answer-watch.ts';
import { mostTokensOf, readClientRequest } from '#live/http/client-request.ts';
import { HttpFailure } from '#live/http/http-failure.ts';
import { MigrationTrail } from '#live/http/migration.ts';
import { newRecord } from '#live/http/request-record.ts';
import { FrontMetrics } from '#live/telemetry/front-metrics.ts';
import { endpoint, post, startTestFront, type TestFront } from '#test/support/front.ts';
import {
  chunk,
  plain,
  type ScriptedEngine,
  STREAM_END,
  STREAM_HEAD,
  startScriptedEngine,
  tokenEvents,
} from '#test/support/scripted-engine.ts';
import { drawDamaged } from './damage.ts';
import { GONE_EVERY, KvEventInputs } from './kv-event-inputs.ts';
import { ReplicaInputs } from './replica-inputs.ts';

/** Of so many inputs one goes through a socket, too. */
const SOCKET_EVERY = 10;
const DAMAGES_MOST = 3;

/** Of more blocks than a stack has frames. */
const LONG_PROMPT = Array.from({ length: 20_000 }, (_, at) => at).join(',');
const LONG_TEXT = 'all that was said before, again. '.repeat(2_000);
const LONG_STREAM = tokenEvents(Array.from({ length: 200 }, (_, at) => ` ${at}`)).join('');

/** What clients and engines send when they are well; inputs are these, damaged. */
const SAMPLES = [
  '{"model":"tiny","prompt":[1,2,3],"max_tokens":4,"stream":true,"nvext":{"agent_hints":{"priority":3,"osl":9},"dp_rank":0}}',
  '{"model":"tiny","messages":[{"role":"user","content":"h\\u00e9 \\"x\\""}],"stream":false,"n":1,"cache_salt":"t"}',
  '{"id":9007199254740993,"choices":[{"index":0,"text":" a","finish_reason":null,"token_ids":[7],"prompt_token_ids":[1],"disaggregated_params":{"ctx_request_id":18446744073709551615}}],"kv_transfer_params":{"remote_host":"h"}}',
  'data: {"choices":[{"text":" a","token_ids":[5]}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\r\n\r\ndata: [DONE]\n\n',
  'data: {"choices":[{"text":"","token_ids":[-1,1e308]}],"usage":{"prompt_tokens":1e18,"completion_tokens":1e15,"prompt_tokens_details":{"cached_tokens":1e300}}}\n\ndata: {"usage":{"prompt_tokens":-0,"completion_tokens":9007199254740993}}\n\n',
  '{"choices":[],"usage":{"prompt_tokens":1e308,"completion_tokens":1e308}}',
  `{"model":"tiny","prompt":[${LONG_PROMPT}],"max_tokens":4}`,
  `{"model":"tiny","messages":[{"role":"user","content":"${LONG_TEXT}"}],"stream":true}`,
  LONG_STREAM,
  '# TYPE a counter\nvllm:num_requests_running{engine="0",model_name="a\\"b"} 3\nb +Inf 17\n',
].map((text) => Buffer.from(text));

/** What engines answer when they are well; half of the answers through sockets are these, damaged. */
const ANSWERS = [
  plain('{"choices":[{"text":" a"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}'),
  plain('{"choices":[],"usage":{"prompt_tokens":1e18,"completion_tokens":1e15}}'),
  plain('{"error":{"message":"full"}}', '503 Service Unavailable'),
  Buffer.concat([
    Buffer.from(STREAM_HEAD),
    ...tokenEvents([' a', ' b']).map(chunk),
    Buffer.from(STREAM_END),
  ]),
  Buffer.concat([
    Buffer.from(STREAM_HEAD),
    chunk('data: {"choices":[{"text":"a"}],"usage":{"completion_tokens":1e15}}\n\n'),
    Buffer.from(STREAM_END),
  ]),
  Buffer.concat([Buffer.from(STREAM_HEAD), chunk(LONG_STREAM), Buffer.from(STREAM_END)]),
];

/** Where counts of answers end up. */
const METRICS = new FrontMetrics(new Registry());

const PATHS = ['/v1/completions', '/v1/chat/completions', '/v1/embeddings'] as const;
/** Of a front whose engine tells the truth. */
const STATUSES = [200, 400, 404];

/**
 * Feeds damaged inputs to everything that reads what clients, engines and other routers send, and
 * some of them to a front through a socket, whose engine lies every other time. Gives what went wrong
 * with the seed of the input and how to feed it again, or undefined.
 */
export async function feedLive(seed: number, runs: number): Promise<string | undefined> {
  const kvEvents = new KvEventInputs();
  const replicas = new ReplicaInputs();
  const sockets = await DamagedSockets.open();
  try {
    for (let at = 0; at < runs; at++) {
      const stream = openStream(seed + at, 'swarm/live');
      const input = drawDamaged(SAMPLES, DAMAGES_MOST, stream);
      const problem =
        problemIn(
          () => problemOf(input) ?? kvEvents.problemOf(stream) ?? replicas.problemOf(stream),
        ) ?? (at % SOCKET_EVERY === 0 ? await sockets.problemOf(input, stream) : undefined);
      if (problem !== undefined) return failureAt(seed, at, problem, input);
    }
    return undefined;
  } finally {
    await sockets.close();
  }
}

/** With the command that does it again: KV events go on from those before, since an engine was gone. */
function failureAt(seed: number, at: number, problem: string, input: Buffer): string {
  const before = at % GONE_EVERY;
  return [
    `input ${seed + at}: ${problem}: ${JSON.stringify(input.toString('latin1'))}`,
    'Feed it again with',
    `  npm run test:swarm -- --live --seed ${seed + at - before} --runs ${before + 1}`,
  ].join('\n');
}

/** A front that gets damaged requests, before an engine that answers damaged answers. */
class DamagedSockets {
  readonly #engine: ScriptedEngine;
  readonly #started: TestFront;
  #answer = ANSWERS[0]!;

  private constructor(engine: ScriptedEngine, started: TestFront) {
    this.#engine = engine;
    this.#started = started;
    // It hangs up behind each answer, so that nobody waits for what an answer promises.
    engine.play(({ socket }) => void socket.end(this.#answer));
  }

  static async open(): Promise<DamagedSockets> {
    const engine = await startScriptedEngine(() => undefined);
    const started = await startTestFront({ engines: [endpoint('a', engine.url)] });
    return new DamagedSockets(engine, started);
  }

  async problemOf(input: Buffer, stream: RandomStream): Promise<string | undefined> {
    const { front, faults, dispatcher } = this.#started;
    const lies = stream.nextBelow(2) === 0;
    this.#answer = lies ? drawDamaged(ANSWERS, DAMAGES_MOST, stream) : ANSWERS[0]!;
    const path = PATHS[stream.nextBelow(PATHS.length)]!;
    // An answer that breaks off is all that a client can be told of a lie, once it has begun.
    const status = await post(front, path, input).then(
      (reply) => reply.status,
      () => (lies ? 200 : -1),
    );
    for (let turn = 0; dispatcher.open > 0 && turn < 100; turn++) await setImmediate();
    const isAnswered = lies || STATUSES.includes(status);
    if (isAnswered && faults.length === 0 && dispatcher.open === 0) return undefined;
    return `the front answers ${status}, ${dispatcher.open} placements are open, ${String(faults[0])}`;
  }

  async close(): Promise<void> {
    await this.#started.front.close();
    await this.#engine.close();
  }
}

/** What is thrown is a problem, too. */
function problemIn(find: () => string | undefined): string | undefined {
  try {
    return find();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

function problemOf(input: Buffer): string | undefined {
  const problem = problemOfStream(input);
  if (problem !== undefined) return problem;
  parseMetrics(input.toString());
  const object = objectIn(input);
  if (isUtf8(input) && !input.includes('['.repeat(500))) {
    if ((object !== undefined) !== parsesToObject(input.toString()))
      return 'the scanner and JSON.parse disagree';
  }
  return object && problemOfObject(object);
}

/** In two pieces, as sockets cut them; what is counted in it is shown as any answer is. */
function problemOfStream(input: Buffer): string | undefined {
  const request = readClientRequest('completions', new JsonObject(SAMPLES[0]!), {});
  const most = Math.max(mostTokensOf(request), input.length);
  const trail = new MigrationTrail(request);
  const half = input.length >> 1;
  for (const isStream of [true, false]) {
    const watch = new AnswerWatch(isStream, mostTokensOf(request));
    for (const piece of [input.subarray(0, half), input.subarray(half)]) {
      watch.push(piece);
      if (isStream) trail.push(piece);
    }
    watch.end();
    if (watch.tokens > most) return `${watch.tokens} tokens are counted`;
    const record = newRecord('completions', 'r', 0, undefined);
    for (const nowNs of [1, 2]) METRICS.tokensCame(record, watch.tokens, nowNs);
    METRICS.requestEnded(record);
  }
  return undefined;
}

function problemOfObject(object: JsonObject): string | undefined {
  if (isUtf8(object.bytes)) {
    const edited = JSON.parse(
      editObject(object, { model: '"m"', nvext: undefined }).toString(),
    ) as object;
    const expected = {
      ...(JSON.parse(object.bytes.toString()) as { nvext?: unknown }),
      model: 'm',
    };
    delete expected.nvext;
    const [one, other] = [edited, expected].map((value) =>
      JSON.stringify(Object.entries(value).sort()),
    );
    if (one !== other) return 'an edited text does not parse to the edited object';
  }
  for (const backend of ['vllm', 'trtllm'] as const) {
    adapterOf(backend).handOff!.decodeBody(object, {}, object.bytes);
  }
  try {
    readClientRequest('completions', object, {});
  } catch (error) {
    if (!(error instanceof HttpFailure)) throw error;
  }
  return undefined;
}

function objectIn(input: Buffer): JsonObject | undefined {
  try {
    return new JsonObject(input);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function parsesToObject(text: string): boolean {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
