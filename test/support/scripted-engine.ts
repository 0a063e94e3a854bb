import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';

/** One request as the engine got it. */
export interface ScriptedRequest {
  readonly head: string;
  readonly path: string;
  readonly body: Buffer;
  readonly socket: Socket;
  /** When the router hangs up. */
  readonly hungUp: Promise<void>;
}

/** What the engine does with a request: it writes to the raw socket. */
export type Script = (request: ScriptedRequest, turn: number) => void | Promise<void>;

/** An engine that says what a test makes it say, byte for byte. */
export interface ScriptedEngine {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Resolves with the next request that arrives, or the given one. */
  request(at: number): Promise<ScriptedRequest>;
  play(script: Script): void;
  close(): Promise<void>;
}

const MODELS = '{"object":"list","data":[{"id":"tiny","object":"model","max_model_len":640}]}';

/** Starts one on a free port. `GET` requests get the list of models, or an empty page; they are not counted. */
export async function startScriptedEngine(
  script: Script,
  models = MODELS,
): Promise<ScriptedEngine> {
  const requests: ScriptedRequest[] = [];
  const sockets = new Set<Socket>();
  const waiting: { readonly at: number; readonly done: (request: ScriptedRequest) => void }[] = [];
  let current = script;
  const server = createServer((socket) => {
    sockets.add(socket);
    const hungUp = new Promise<void>((done) => socket.once('close', () => done()));
    socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      const headEnd = bytes.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = bytes.toString('latin1', 0, headEnd);
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      if (bytes.length < headEnd + 4 + length) return;
      const body = Buffer.from(bytes.subarray(headEnd + 4, headEnd + 4 + length));
      bytes = bytes.subarray(headEnd + 4 + length);
      const path = head.split(' ')[1]!;
      if (head.startsWith('GET')) {
        socket.write(plain(path === '/v1/models' ? models : ''));
        return;
      }
      const request = { head, path, body, socket, hungUp };
      requests.push(request);
      for (const { at, done } of waiting) if (at === requests.length - 1) done(request);
      void current(request, requests.length - 1);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    request: (at) =>
      requests[at] === undefined
        ? new Promise((done) => waiting.push({ at, done }))
        : Promise.resolve(requests[at]),
    play: (next) => {
      current = next;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** A plain answer with its length. */
export function plain(
  body: string | Buffer,
  status = '200 OK',
  contentType = 'application/json',
): Buffer {
  const bytes = Buffer.from(body);
  const head = `HTTP/1.1 ${status}\r\ncontent-type: ${contentType}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** The head of a stream of events, whose chunks follow. */
export const STREAM_HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n';

/** One chunk of such a stream. */
export function chunk(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([
    Buffer.from(`${bytes.length.toString(16)}\r\n`),
    bytes,
    Buffer.from('\r\n'),
  ]);
}

/** The end of such a stream. */
export const STREAM_END = '0\r\n\r\n';

/** A stream of completion events, one token each, with its end. */
export function tokenEvents(texts: readonly string[]): readonly string[] {
  const events = texts.map((text, at) => {
    const reason = at === texts.length - 1 ? '"length"' : 'null';
    return `data: {"id":"cmpl-1","object":"text_completion","model":"tiny","choices":[{"index":0,"text":${JSON.stringify(text)},"finish_reason":${reason}}]}\n\n`;
  });
  return [...events, 'data: [DONE]\n\n'];
}
