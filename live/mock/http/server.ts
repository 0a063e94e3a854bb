import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { frameworkProblem, Problem } from './problem.ts';
import { sendJson } from './send-json.ts';

/** What a request asks for, and where the answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export type Handler = (exchange: Exchange) => void | Promise<void>;

/** Handlers by path and method. */
export type Routes = Readonly<Record<string, Partial<Record<'GET' | 'POST', Handler>>>>;

/** What a server is besides its routes. */
export interface ServerManners {
  /** Nothing is answered while it is. */
  readonly isMute: () => boolean;
  /** The body of an error, in the engine's form, from vLLM's. */
  readonly errorBody: (body: object) => object;
}

/** The HTTP side of a mock engine, with the manners of vLLM's web framework. */
export class MockServer {
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, Routes[string]>;
  readonly #manners: ServerManners;

  constructor(routes: Routes, manners: ServerManners) {
    this.#routes = new Map(Object.entries(routes).sort());
    this.#manners = manners;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** Starts to listen; returns the port. Rejects where it is taken. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Stops, and cuts every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://mock');
    const exchange = { request, response, url };
    response.setHeader('server', 'uvicorn');
    try {
      if (this.#manners.isMute()) return;
      await this.#handlerOf(exchange)(exchange);
    } catch (error) {
      answerProblem(response, error, this.#manners.errorBody);
    }
  }

  #handlerOf({ request, response, url }: Exchange): Handler {
    const methods = this.#routes.get(url.pathname);
    if (methods === undefined) throw frameworkProblem(404);
    const handler = methods[request.method as 'GET' | 'POST'];
    if (handler !== undefined) return handler;
    response.setHeader('allow', Object.keys(methods).sort().join(', '));
    throw frameworkProblem(405);
  }
}

function answerProblem(
  response: ServerResponse,
  error: unknown,
  errorBody: ServerManners['errorBody'],
): void {
  if (response.destroyed) return;
  if (error instanceof Problem && !response.headersSent) {
    sendJson(response, error.status, errorBody(error.body));
    return;
  }
  response.destroy();
  // A client that leaves while its body is read is no fault of anybody.
  if (!(error instanceof Problem) && !response.req.destroyed) throw error;
}
