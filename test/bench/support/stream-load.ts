import { connect, type Socket } from 'node:net';

/** What one streamed request showed. */
export interface StreamTiming {
  /** From its sending to its first token, −1 = it failed. */
  readonly ttftMs: number;
  /** From its sending to its end; of one that failed, to its failing. */
  readonly e2eMs: number;
}

/** One request on its way. */
interface Flight {
  readonly sentMs: number;
  ttftMs: number;
  /** The head, as long as it is not whole; the last bytes of the body after that. */
  tail: string;
  hasHead: boolean;
  readonly onFirst: () => void;
  readonly settle: (timing: StreamTiming) => void;
}

const FIRST_TOKEN = '"choices":[{';
const LAST_CHUNK = '\r\n0\r\n\r\n';

/**
 * Sends streamed completions to one address over connections that are kept alive. It reads no more of an answer than
 * its status, its first token and its last chunk, so that little of the machine goes into the load.
 */
export class StreamClient {
  readonly #host: string;
  readonly #port: number;
  readonly #idle: Socket[] = [];
  readonly #sockets = new Map<Socket, Flight | undefined>();

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#host = hostname;
    this.#port = Number(port);
  }

  /** Sends a request with this JSON body, in ASCII; resolves when its answer is over. Never rejects. */
  send(body: string): Promise<StreamTiming> {
    return this.#fly(body, () => undefined);
  }

  /** Sends a request and hangs up at its first token; resolves once that has come, with false where it failed. */
  async leaveAtFirstToken(body: string, onFirst: () => void): Promise<boolean> {
    const { ttftMs } = await this.#fly(body, (socket) => {
      onFirst();
      socket.destroy();
    });
    return ttftMs >= 0;
  }

  close(): void {
    for (const socket of this.#sockets.keys()) socket.destroy();
  }

  #fly(body: string, onFirst: (socket: Socket) => void): Promise<StreamTiming> {
    const head = `POST /v1/completions HTTP/1.1\r\nhost: ${this.#host}:${this.#port}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    return new Promise((settle) => {
      const socket = this.#idle.pop() ?? this.#open();
      this.#sockets.set(socket, {
        sentMs: performance.now(),
        ttftMs: -1,
        tail: '',
        hasHead: false,
        onFirst: () => onFirst(socket),
        settle,
      });
      socket.write(head + body, 'latin1');
    });
  }

  #open(): Socket {
    const socket = connect({ host: this.#host, port: this.#port, noDelay: true });
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.#read(socket, text));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed(socket));
    return socket;
  }

  #read(socket: Socket, text: string): void {
    const flight = this.#sockets.get(socket);
    if (flight === undefined) return;
    const known = flight.tail + text;
    if (!flight.hasHead) {
      const end = known.indexOf('\r\n\r\n');
      if (end < 0) {
        flight.tail = known;
        return;
      }
      flight.hasHead = true;
      // Nobody reads a refusal: it is a failure, and the connection is not used again.
      if (!known.startsWith('HTTP/1.1 200')) {
        socket.destroy();
        return;
      }
    }
    if (flight.ttftMs < 0 && known.includes(FIRST_TOKEN)) {
      flight.ttftMs = performance.now() - flight.sentMs;
      flight.onFirst();
    }
    flight.tail = known.slice(-Math.max(LAST_CHUNK.length, FIRST_TOKEN.length));
    if (!flight.tail.endsWith(LAST_CHUNK)) return;
    this.#sockets.set(socket, undefined);
    this.#idle.push(socket);
    flight.settle({ ttftMs: flight.ttftMs, e2eMs: performance.now() - flight.sentMs });
  }

  #closed(socket: Socket): void {
    const flight = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    const at = this.#idle.indexOf(socket);
    if (at >= 0) this.#idle.splice(at, 1);
    if (flight === undefined) return;
    flight.settle({ ttftMs: flight.ttftMs, e2eMs: performance.now() - flight.sentMs });
  }
}

/**
 * Sends requests at a constant rate for so long, whether earlier ones are done or not. `next` sends
 * one. Resolves when all are over, with how many were under way when the last had been sent.
 */
export async function openLoop(
  ratePerS: number,
  seconds: number,
  next: (at: number) => Promise<void>,
): Promise<number> {
  const begunMs = performance.now();
  const total = Math.round(ratePerS * seconds);
  const open: Promise<void>[] = [];
  let under = 0;
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - begunMs) / 1_000) * ratePerS) + 1);
    for (; sent < due; sent++) {
      under++;
      open.push(next(sent).finally(() => under--));
    }
    await new Promise((done) => setTimeout(done, 1));
  }
  const left = under;
  await Promise.all(open);
  return left;
}

/**
 * So many clients ask again as soon as they have their answer, for so long. Resolves with the good
 * answers a second.
 */
export async function closedLoop(
  clients: number,
  seconds: number,
  ask: () => Promise<boolean>,
): Promise<number> {
  const begunMs = performance.now();
  let good = 0;
  const client = async (): Promise<void> => {
    while (performance.now() - begunMs < 1_000 * seconds) if (await ask()) good++;
  };
  await Promise.all(Array.from({ length: clients }, client));
  return good / ((performance.now() - begunMs) / 1_000);
}

/** The value that a share of the others does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
