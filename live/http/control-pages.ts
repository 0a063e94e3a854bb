import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Availability } from '#live/engines/availability.ts';
import type { EngineEndpoint } from '#live/routing/route-ask.ts';
import type { FrontTelemetry } from './front-telemetry.ts';
import { failureOf, HttpFailure } from './http-failure.ts';
import type { KeyCheck } from './key-check.ts';
import type { ModelBook } from './model-book.ts';
import type { Page } from './routes.ts';

export interface ControlOptions {
  readonly engines: () => readonly EngineEndpoint[];
  readonly availability: Availability;
  readonly models: ModelBook;
  readonly telemetry: FrontTelemetry;
  readonly clientKeys: KeyCheck;
  readonly controlKeys: KeyCheck;
  readonly isDraining: () => boolean;
  readonly status: () => object;
}

interface PageText {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** The pages that the router answers itself. */
export class ControlPages {
  readonly #options: ControlOptions;

  constructor(options: ControlOptions) {
    this.#options = options;
  }

  /** Answers one request for a page, or says that there is none. Never rejects. */
  async serve(
    page: Page | HttpFailure,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    try {
      if (page instanceof HttpFailure) throw page;
      this.#admit(page, request.headers.authorization);
      const { status, contentType, text } = await this.#render(page);
      response.writeHead(status, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(text),
      });
      response.end(request.method === 'HEAD' ? undefined : text);
    } catch (error) {
      const { status, headers, body } = failureOf(error);
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    }
  }

  #admit(page: Page, authorization: string | undefined): void {
    const { clientKeys, controlKeys } = this.#options;
    if (page === 'models') clientKeys.admit(authorization);
    if (page === 'metrics' || page === 'status') controlKeys.admit(authorization);
  }

  async #render(page: Page): Promise<PageText> {
    const { models, telemetry, status } = this.#options;
    if (page === 'live') return json(200, { status: 'alive' });
    if (page === 'health') return this.#health();
    if (page === 'status') return json(200, status());
    if (page === 'models') {
      await models.refresh();
      return { status: 200, contentType: 'application/json', text: models.list() };
    }
    if (telemetry.metrics === undefined) throw new HttpFailure(404, 'no metrics are kept');
    return { status: 200, ...(await telemetry.metrics()) };
  }

  /** Well as long as there is an engine to send to. */
  #health(): PageText {
    const { engines, availability, isDraining } = this.#options;
    const told = engines().map(({ name }) => ({ name, blocked_by: availability.reasons(name) }));
    const serving = told.some(({ blocked_by }) => blocked_by.length === 0);
    const state = isDraining() ? 'draining' : serving ? 'healthy' : 'unhealthy';
    return json(state === 'healthy' ? 200 : 503, { status: state, engines: told });
  }
}

function json(status: number, value: object): PageText {
  return { status, contentType: 'application/json', text: JSON.stringify(value) };
}
