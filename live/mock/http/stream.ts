import type { ServerResponse } from 'node:http';
/**
 * Server-sent events on a response; each message is written at once, by itself. None of them holds an
 * integer beyond 2^53.
 */
export class EventStream {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
    response.flushHeaders();
  }

  send(message: object): void {
    this.#response.write(`data: ${JSON.stringify(message)}\n\n`);
  }

  /** The last message, which is no JSON. */
  done(): void {
    this.#response.end('data: [DONE]\n\n');
  }
}
