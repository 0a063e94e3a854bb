import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServeConfig } from '#core/config/serve/serve-schema.ts';
import type { Clock } from '#live/clock.ts';
import type { Availability } from '#live/engines/availability.ts';
import type { EngineSettings } from '#live/engines/engine-settings.ts';
import type { Dispatcher, EngineEndpoint } from '#live/routing/route-ask.ts';
import type { PromptReader } from '#live/tokens/prompt-reader.ts';
import { BodyBudget } from './body-budget.ts';
import { ControlPages } from './control-pages.ts';
import { EngineLines } from './engine-lines.ts';
import type { FrontTelemetry } from './front-telemetry.ts';
import { type GenerationParts, serveGeneration } from './generation.ts';
import { guardedTelemetry } from './guarded-telemetry.ts';
import { failureOf, HttpFailure } from './http-failure.ts';
import { KeyCheck } from './key-check.ts';
import { LoopDelayMeter } from './loop-delay.ts';
import { ModelBook } from './model-book.ts';
import { RateLimits } from './rate-limits.ts';
import { GENERATION_ROUTES, pageOf } from './routes.ts';
import { exposureOf, listen, openServer } from './server.ts';

/** Everything that a front is given. */
export interface FrontOptions {
  readonly config: Pick<ServeConfig, 'http' | 'tls' | 'auth' | 'limits' | 'resilience'>;
  /** What relative paths of the config start from. */
  readonly folder?: string;
  readonly dispatcher: Dispatcher;
  /** The engines that there are now. */
  readonly engines: () => readonly EngineEndpoint[];
  /** Their settings by name; one that is missing has those of `DEFAULT_SETTINGS`. */
  readonly settings?: ReadonlyMap<string, EngineSettings>;
  readonly availability: Availability;
  readonly prompts: PromptReader;
  readonly clock: Clock;
  /** What `GET /status` says besides the front's own. */
  readonly status?: { status(): unknown };
  readonly telemetry?: FrontTelemetry;
  /** Is told of faults of the router itself, and of what should worry whoever runs it. */
  readonly report?: (fault: unknown) => void;
}

/** A router's side towards clients. */
export interface Front {
  readonly url: string;
  readonly port: number;
  /**
   * Takes no new request, lets those under way end for `drain_timeout_secs`, and closes. Says how many
   * ended so, and how many were cut off.
   */
  drain(): Promise<{ readonly finished: number; readonly cut: number }>;
  /** Closes at once. */
  close(): Promise<void>;
}

/** Opens the front. Resolves when it listens; throws an `InputError` where the config cannot be followed. */
export async function startFront(options: FrontOptions): Promise<Front> {
  const front = new LiveFront(options);
  await front.listen();
  return front;
}

class LiveFront implements Front {
  readonly #options: FrontOptions;
  readonly #server: Server;
  readonly #parts: GenerationParts;
  readonly #pages: ControlPages;
  readonly #lines: EngineLines;
  readonly #loopDelay = new LoopDelayMeter();
  readonly #cut = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #isDraining = false;
  port = 0;

  constructor(options: FrontOptions) {
    const { config, settings = new Map(), engines, clock, availability } = options;
    const { report = () => undefined } = options;
    const telemetry = guardedTelemetry(options.telemetry ?? {}, report);
    const { http, resilience, auth } = config;
    this.#options = options;
    this.#lines = new EngineLines({ http, resilience, settings, availability, clock, engines });
    const models = new ModelBook({ engines, settings, clock });
    const clientKeys = new KeyCheck(auth.client_keys);
    this.#parts = {
      dispatcher: options.dispatcher,
      prompts: options.prompts,
      lines: this.#lines,
      models,
      clientKeys,
      limits: new RateLimits(config.limits, clock),
      clock,
      telemetry,
      retryLimit: resilience.retry_limit,
      migrationLimit: resilience.migration_limit,
      keysEndHere: !clientKeys.isOpen,
      maxBodyBytes: http.max_body_bytes,
      bodies: new BodyBudget(http.max_total_body_bytes),
      stallMs: http.idle_stream_timeout_secs * 1_000,
      cut: this.#cut.signal,
      report,
    };
    this.#pages = new ControlPages({
      engines,
      availability,
      models,
      telemetry,
      clientKeys,
      controlKeys: new KeyCheck(auth.control_keys),
      isDraining: () => this.#isDraining,
      status: () => ({
        requests_under_way: this.#underWay.size,
        event_loop_delay_ms: this.#loopDelay.read(),
        ...(options.status?.status() as object | undefined),
      }),
    });
    this.#server = openServer(
      http,
      config.tls,
      options.folder ?? '.',
      (request, response) => this.#take(request, response),
      (status) => telemetry.connectionRefused?.(status),
    );
  }

  get url(): string {
    const { http, tls } = this.#options.config;
    const host = http.host.includes(':') ? `[${http.host}]` : http.host;
    return `${tls === undefined ? 'http' : 'https'}://${host}:${this.port}`;
  }

  async listen(): Promise<void> {
    const { http, auth } = this.#options.config;
    this.port = await listen(this.#server, http, this.#parts.report);
    const exposure = exposureOf(http.host, auth);
    if (exposure !== undefined) this.#parts.report(exposure);
    // Nobody has to wait for the lists: a model is looked up again before it is called unknown.
    void this.#parts.models.refresh();
  }

  async drain(): Promise<{ readonly finished: number; readonly cut: number }> {
    this.#isDraining = true;
    const waiting = this.#underWay.size;
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeIdleConnections();
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<void>((done) => {
      timer = setTimeout(done, this.#options.config.http.drain_timeout_secs * 1_000);
    });
    await Promise.race([Promise.allSettled([...this.#underWay]), deadline]);
    clearTimeout(timer);
    const cut = this.#underWay.size;
    await this.#end();
    await closed;
    return { finished: Math.max(0, waiting - cut), cut };
  }

  async close(): Promise<void> {
    this.#isDraining = true;
    const closed = new Promise((done) => this.#server.close(done));
    await this.#end();
    await closed;
  }

  async #end(): Promise<void> {
    this.#cut.abort();
    await Promise.allSettled([...this.#underWay]);
    this.#server.closeAllConnections();
    this.#loopDelay.stop();
    await this.#lines.close();
  }

  #take(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isDraining) response.setHeader('connection', 'close');
    const path = (request.url ?? '').split('?', 1)[0]!;
    const route = request.method === 'POST' ? GENERATION_ROUTES.get(path) : undefined;
    if (route === undefined) {
      void this.#pages.serve(pageOf(request.method ?? '', path), request, response);
      return;
    }
    if (this.#isDraining) {
      sendFailure(response, new HttpFailure(503, 'the router shuts down'));
      return;
    }
    const served = serveGeneration(this.#parts, route, request, response);
    this.#underWay.add(served);
    void served.finally(() => this.#underWay.delete(served));
  }
}

function sendFailure(response: ServerResponse, error: unknown): void {
  const { status, headers, body } = failureOf(error);
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}
