import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Flow } from './engine-call.ts';
import type { HttpFailure } from './http-failure.ts';

/** Bytes that tell whether a stream is between two events. */
const TAIL_BYTES = 3;

/**
 * The client's side of one answer. Its head goes out with the first piece of the body, not before: as
 * long as no byte has been sent another engine may still answer.
 */
export class ClientAnswer {
  readonly #response: ServerResponse;
  readonly #stallMs: number;
  #head: { readonly status: number; readonly headers: OutgoingHttpHeaders } | undefined;
  #stalled: NodeJS.Timeout | undefined;
  /** Ends as what the client has got ends. */
  #last: Uint8Array = Buffer.alloc(0);

  /** A client that takes nothing for `stallMs` is hung up on. */
  constructor(response: ServerResponse, stallMs: number) {
    this.#response = response;
    this.#stallMs = stallMs;
  }

  /** Whether the client has got a byte. */
  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  /** The status that the client has got; −1 = none yet. */
  get status(): number {
    return this.hasBegun ? this.#response.statusCode : -1;
  }

  /** What the answer begins with; the last one counts until a byte has been sent. */
  head(status: number, headers: OutgoingHttpHeaders): void {
    this.#head = { status, headers };
  }

  /** Passes a piece on; closes the valve until the client has taken it. */
  write(chunk: Uint8Array, flow: Flow): void {
    this.#sendHead();
    const isWhole = chunk.length >= TAIL_BYTES;
    this.#last = isWhole ? chunk : Buffer.concat([this.#last.subarray(-TAIL_BYTES), chunk]);
    if (this.#response.write(chunk)) return;
    flow.pause();
    this.#stalled ??= setTimeout(() => this.#response.destroy(), this.#stallMs).unref();
    this.#response.once('drain', () => {
      clearTimeout(this.#stalled);
      this.#stalled = undefined;
      flow.resume();
    });
  }

  end(): void {
    if (this.#response.destroyed) return;
    this.#sendHead();
    this.#response.end();
  }

  /** A whole answer in one go. */
  send(status: number, headers: OutgoingHttpHeaders, body: Uint8Array | string): void {
    if (this.hasBegun || this.#response.destroyed) return;
    this.#response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
    this.#response.end(body);
  }

  fail(failure: HttpFailure): void {
    this.send(
      failure.status,
      { 'content-type': 'application/json', ...failure.headers },
      failure.body,
    );
  }

  /**
   * Ends an answer that cannot go on: a stream with an event that says why in JSON, anything else by
   * hanging up, so that its length tells that something is missing.
   */
  breakOff(isStream: boolean, why: string): void {
    if (!isStream || this.#response.destroyed) {
      this.#response.destroy();
      return;
    }
    const event = `data: ${why.replaceAll('\n', ' ')}\n\n`;
    this.#response.end(endsEvent(this.#last) ? event : `\n\n${event}`);
  }

  /** Nothing more is to be expected of the client. */
  close(): void {
    clearTimeout(this.#stalled);
  }

  #sendHead(): void {
    if (this.#response.headersSent || this.#head === undefined) return;
    this.#response.writeHead(this.#head.status, this.#head.headers);
  }
}

/** Whether a stream that ends so, or has not begun, is between two events: behind an empty line. */
function endsEvent(last: Uint8Array): boolean {
  const tail = Buffer.from(last.subarray(-TAIL_BYTES)).toString('latin1');
  return tail === '' || /(\n\n|\n\r\n|\r\r)$/.test(tail);
}
