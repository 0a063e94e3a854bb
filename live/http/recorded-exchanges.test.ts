import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { needReference } from '#test/shared.ts';
import { endpoint, get, startTestFront } from '#test/support/front.ts';
import { startScriptedEngine } from '#test/support/scripted-engine.ts';

const PASSED = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings'];
const SEPARATOR = '\n--------\n';

/** Requests that the router answers itself, since no engine can be chosen for what cannot be read. */
const OWN_ANSWERS: Readonly<Record<string, number>> = {
  'error-json': 400,
  'error-no-body': 400,
  'error-empty': 400,
  'error-field': 400,
  'error-negative': 400,
  'error-model': 404,
  'error-model-stream': 404,
};

interface Exchange {
  readonly name: string;
  readonly path: string;
  readonly request: Buffer;
  readonly answer: Buffer;
}

function exchangesIn(folder: string): readonly Exchange[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.http'))
    .map((file) => {
      const bytes = readFileSync(join(folder, file));
      const at = bytes.indexOf(SEPARATOR);
      const request = bytes.subarray(0, at);
      const path = request.toString('latin1', 0, 200).split(' ')[1]!;
      return {
        name: file.replace('.http', ''),
        path,
        request,
        answer: bytes.subarray(at + SEPARATOR.length),
      };
    })
    .filter(
      ({ path, request }) => PASSED.includes(path) && request.toString('latin1', 0, 4) === 'POST',
    );
}

/** What a client on a bare socket reads until it is hung up on. */
function speak(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => void socket.write(bytes));
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('close', () => resolve(Buffer.concat(chunks)));
    socket.on('error', reject);
  });
}

interface Message {
  readonly status: string;
  readonly type: string | undefined;
  readonly body: Buffer;
  /** The body came to its end. */
  readonly isWhole: boolean;
}

function read(bytes: Buffer): Message {
  const headEnd = bytes.indexOf('\r\n\r\n');
  const head = bytes.toString('latin1', 0, headEnd);
  const rest = bytes.subarray(headEnd + 4);
  const status = head.split(' ')[1]!;
  const type = /^content-type: (.*)$/im.exec(head)?.[1];
  if (!/^transfer-encoding: chunked/im.test(head))
    return { status, type, body: rest, isWhole: true };
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return { status, type, body: Buffer.concat(parts), isWhole: false };
    const length = Number.parseInt(rest.toString('latin1', at, lineEnd), 16);
    if (length === 0) return { status, type, body: Buffer.concat(parts), isWhole: true };
    parts.push(rest.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

test.for([
  ['vllm-0.32.0', 20],
  ['vllm-0.32.0-scale-out', 3],
  ['llm-d-inference-sim-0.10.2', 20],
  ['dynamo-1.6.1', 15],
] as const)(
  'what %s was asked and has answered passes byte for byte',
  async ([peer, least], context) => {
    const exchanges = exchangesIn(needReference(context, 'peers', 'http', peer));
    expect(exchanges.length).toBeGreaterThanOrEqual(least);
    let answer: Buffer = Buffer.alloc(0);
    const engine = await startScriptedEngine(({ socket }) => void socket.end(answer));
    const config = { resilience: { retry_limit: 0, breaker_failures: 0 } };
    const { front, dispatcher } = await startTestFront({
      engines: [endpoint('a', engine.url)],
      config,
    });
    await get(front, '/v1/models');
    for (const exchange of exchanges) {
      answer = exchange.answer;
      const asked = engine.requests.length;
      const got = read(await speak(front.port, exchange.request));
      const isPassed = engine.requests.length > asked;
      const seen = { name: exchange.name, status: Number(got.status), isPassed };
      const own = OWN_ANSWERS[exchange.name];
      if (own !== undefined) {
        expect(seen).toEqual({ name: exchange.name, status: own, isPassed: false });
        expect(JSON.parse(got.body.toString())).toHaveProperty('error.message');
      } else {
        comparePassed(exchange, got, engine.requests.at(-1)!.body);
      }
    }
    expect([dispatcher.open, dispatcher.endedTwice]).toEqual([0, 0]);
    await front.close();
    await engine.close();
  },
);

const NO_ANSWER: Message = {
  status: '502',
  type: 'application/json',
  body: Buffer.alloc(0),
  isWhole: true,
};

function comparePassed({ name, request, answer }: Exchange, got: Message, asked: Buffer): void {
  // Dynamo hung up without a word once.
  const recorded = answer.length > 0 ? read(answer) : NO_ANSWER;
  const sent = request.subarray(request.indexOf('\r\n\r\n') + 4);
  expect({ name, sent: asked.toString() }).toEqual({ name, sent: sent.toString() });
  expect({ name, ...got, body: '' }).toMatchObject({
    name,
    status: recorded.status,
    type: recorded.type,
  });
  const body = got.body.toString();
  const passed = recorded.body.toString();
  if (recorded === NO_ANSWER) expect(body).toContain('engine a broke off');
  else if (recorded.isWhole) expect({ name, body }).toEqual({ name, body: passed });
  // A recording whose client broke off leaves a stream that breaks: an event that says so follows.
  else
    expect({ name, body: body.replace(/data: \{"error":.*\n\n$/, '') }).toEqual({
      name,
      body: passed,
    });
}
