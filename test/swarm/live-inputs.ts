import { isUtf8 } from 'node:buffer';
import { openStream, type RandomStream } from '#core/base/random.ts';
import { JsonObject } from '#live/bytes/json-object.ts';
import { JsonFault } from '#live/bytes/json-scan.ts';
import { editObject } from '#live/bytes/splice.ts';
import { adapterOf } from '#live/engines/adapters.ts';
import { parseMetrics } from '#live/engines/prometheus-text.ts';
import { AnswerWatch } from '#live/http/answer-watch.ts';
import { readClientRequest } from '#live/http/client-request.ts';
import { HttpFailure } from '#live/http/http-failure.ts';
import { MigrationTrail } from '#live/http/migration.ts';
import { endpoint, post, startTestFront } from '#test/support/front.ts';
import { plain, startScriptedEngine } from '#test/support/scripted-engine.ts';

/** Of so many inputs one goes through a socket, too. */
const SOCKET_EVERY = 50;

/** What clients and engines send when they are well; inputs are these, damaged. */
const SAMPLES = [
  '{"model":"tiny","prompt":[1,2,3],"max_tokens":4,"stream":true,"nvext":{"agent_hints":{"priority":3,"osl":9},"dp_rank":0}}',
  '{"model":"tiny","messages":[{"role":"user","content":"h\\u00e9 \\"x\\""}],"stream":false,"n":1,"cache_salt":"t"}',
  '{"id":9007199254740993,"choices":[{"index":0,"text":" a","finish_reason":null,"token_ids":[7],"prompt_token_ids":[1],"disaggregated_params":{"ctx_request_id":18446744073709551615}}],"kv_transfer_params":{"remote_host":"h"}}',
  'data: {"choices":[{"text":" a","token_ids":[5]}]}\n\ndata: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1}}\r\n\r\ndata: [DONE]\n\n',
  '# TYPE a counter\nvllm:num_requests_running{engine="0",model_name="a\\"b"} 3\nb +Inf 17\n',
];

const PATHS = ['/v1/completions', '/v1/chat/completions', '/v1/embeddings'] as const;
const STATUSES = [200, 400, 404];

/**
 * Feeds damaged inputs to everything that reads what clients and engines send, and some of them to a
 * front through a socket. Gives what went wrong with the seed of the input, or undefined.
 */
export async function feedLive(seed: number, runs: number): Promise<string | undefined> {
  const engine = await startScriptedEngine(({ socket }) => void socket.write(plain('{}')));
  const { front, faults, dispatcher } = await startTestFront({
    engines: [endpoint('a', engine.url)],
  });
  try {
    for (let at = 0; at < runs; at++) {
      const input = drawInput(seed + at);
      const problem = problemOf(input);
      if (problem !== undefined)
        return `input ${seed + at}: ${problem}: ${JSON.stringify(input.toString('latin1'))}`;
      if (at % SOCKET_EVERY > 0) continue;
      const { status } = await post(front, PATHS[at % PATHS.length]!, input);
      const isWell = STATUSES.includes(status) && faults.length === 0 && dispatcher.open === 0;
      if (!isWell)
        return `input ${seed + at}: the front answers ${status}, ${dispatcher.open} placements are open, ${String(faults[0])}`;
    }
    return undefined;
  } finally {
    await front.close();
    await engine.close();
  }
}

function drawInput(seed: number): Buffer {
  const stream = openStream(seed, 'swarm/live');
  let bytes: Buffer = Buffer.from(SAMPLES[stream.nextBelow(SAMPLES.length)]!);
  for (let damage = stream.nextBelow(4); damage > 0; damage--) bytes = damaged(bytes, stream);
  return bytes;
}

const INSERTS = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '\\',
  '\\u00',
  '1e',
  '-',
  '\n\n',
  'data: ',
  'null',
  '\u0001',
  '9'.repeat(40),
  '['.repeat(600),
  '__proto__',
];

function damaged(bytes: Buffer, stream: RandomStream): Buffer {
  const from = stream.nextBelow(bytes.length + 1);
  const to = Math.min(bytes.length, from + stream.nextBelow(8));
  const kind = stream.nextBelow(5);
  if (kind === 0) return bytes.subarray(0, from);
  if (kind === 1) return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  if (kind === 2) return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
  const insert =
    kind === 3
      ? Buffer.of(stream.nextBelow(256))
      : Buffer.from(INSERTS[stream.nextBelow(INSERTS.length)]!);
  return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(to)]);
}

function problemOf(input: Buffer): string | undefined {
  try {
    readStream(input);
    parseMetrics(input.toString());
    const object = objectIn(input);
    if (isUtf8(input) && !input.includes('['.repeat(500))) {
      if ((object !== undefined) !== parsesToObject(input.toString()))
        return 'the scanner and JSON.parse disagree';
    }
    return object && problemOfObject(object);
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

/** In two pieces, as sockets cut them. */
function readStream(input: Buffer): void {
  const trail = new MigrationTrail(
    readClientRequest('completions', new JsonObject(Buffer.from(SAMPLES[0]!)), {}),
  );
  const half = input.length >> 1;
  for (const isStream of [true, false]) {
    const watch = new AnswerWatch(isStream);
    for (const piece of [input.subarray(0, half), input.subarray(half)]) {
      watch.push(piece);
      if (isStream) trail.push(piece);
    }
    watch.end();
  }
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
