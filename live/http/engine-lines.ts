import { Pool } from 'undici';
import type { HttpConfig } from '#core/config/serve/http.ts';
import type { ResilienceConfig } from '#core/config/serve/resilience.ts';
import type { Clock } from '#live/clock.ts';
import type { EngineAdapter } from '#live/engines/adapter.ts';
import { adapterOf } from '#live/engines/adapters.ts';
import type { Availability } from '#live/engines/availability.ts';
import { CircuitBreaker } from '#live/engines/circuit-breaker.ts';
import { DEFAULT_SETTINGS, type EngineSettings } from '#live/engines/engine-settings.ts';
import type { EngineEndpoint } from '#live/routing/route-ask.ts';
import { EngineFailure, type EngineFault } from './engine-failure.ts';

/** Engines hang up on idle connections after 5 s (uvicorn); whoever is earlier meets no closed one. */
const KEEP_ALIVE_MS = 4_000;

/** All that is needed to send requests to one engine. */
export interface EngineLine {
  readonly engine: EngineEndpoint;
  readonly adapter: EngineAdapter;
  readonly settings: EngineSettings;
  readonly pool: Pool;
  /** What stands before `/v1` in its URL. */
  readonly prefix: string;
}

/** Something that is done at an engine. */
export interface EngineVisit<Result> {
  /** Nobody waits for it any more. */
  readonly signal: AbortSignal;
  /** Whether, should the engine fall silent now, nothing is lost by doing it elsewhere. */
  readonly mayLeave: () => boolean;
  /** Does it, until it is done or the signal aborts; may tell, before, that the engine answers. */
  readonly act: (signal: AbortSignal, answered: () => void) => Promise<Result>;
}

export interface EngineLinesOptions {
  readonly http: HttpConfig;
  readonly resilience: ResilienceConfig;
  readonly settings: ReadonlyMap<string, EngineSettings>;
  readonly availability: Availability;
  /** The engines that there are now. */
  readonly engines: () => readonly EngineEndpoint[];
  readonly clock: Clock;
}

interface OpenLine extends EngineLine {
  readonly breaker: CircuitBreaker;
  halfOpen: NodeJS.Timeout | undefined;
}

/** The connections to engines, kept alive, and what became of what was sent there. */
export class EngineLines {
  readonly #options: EngineLinesOptions;
  readonly #lines = new Map<string, OpenLine>();

  constructor(options: EngineLinesOptions) {
    this.#options = options;
  }

  /** The line to an engine, opened with its first request; one that came back otherwise gets a new one. */
  lineTo(engine: EngineEndpoint): EngineLine {
    const known = this.#lines.get(engine.name);
    if (known !== undefined && isSame(known, engine, this.#settingsOf(engine))) return known;
    if (known !== undefined) this.#close(known);
    this.#dropGone();
    const line = this.#open(engine);
    this.#lines.set(engine.name, line);
    return line;
  }

  /**
   * Does something at an engine, and keeps what becomes of it in mind for the engine's circuit breaker.
   * Rejects with an `EngineFailure` that names the engine, or with what the act or the signal says.
   */
  async using<Result>(line: EngineLine, visit: EngineVisit<Result>): Promise<Result> {
    const endTrial = this.#beginTrial(line);
    try {
      const result = await this.#unlessSilent(line, visit);
      this.#succeeded(line);
      return result;
    } catch (error) {
      if (error instanceof EngineFailure) {
        error.engine = line.engine.name;
        // One that is busy, or finds fault with the request, is well; one that is left is known not to be.
        if (error.reply !== undefined && error.reply.status < 500) this.#succeeded(line);
        else if (error.fault !== 'silent') this.#failed(line, error.fault);
      }
      throw error;
    } finally {
      endTrial?.();
    }
  }

  /** Whether requests may be sent to one of the engines that are meant. */
  hasAvailable(isMeant: (engine: EngineEndpoint) => boolean): boolean {
    const { engines, availability } = this.#options;
    return engines().some(
      (engine) => availability.reasons(engine.name).length === 0 && isMeant(engine),
    );
  }

  /** Leaves an engine in the midst of a visit, once it is unhealthy and the visitor may leave. */
  async #unlessSilent<Result>(
    { engine }: EngineLine,
    { signal, mayLeave, act }: EngineVisit<Result>,
  ): Promise<Result> {
    const { availability } = this.#options;
    // By hand, for AbortSignal.any takes twenty times as long, of each request.
    const until = new AbortController();
    const over = (): void => until.abort(signal.reason);
    const look = (): void => {
      if (!availability.reasons(engine.name).includes('unhealthy') || !mayLeave()) return;
      until.abort(new EngineFailure('silent', 'it does not answer when asked how it is'));
    };
    const unwatch = availability.watch(look);
    signal.addEventListener('abort', over);
    if (signal.aborted) over();
    look();
    try {
      return await act(until.signal, () => this.#answered(engine));
    } finally {
      unwatch();
      signal.removeEventListener('abort', over);
    }
  }

  /** The first request after a rest keeps the others away until it knows more; gives what ends that. */
  #beginTrial({ engine }: EngineLine): (() => void) | undefined {
    const { availability } = this.#options;
    const breaker = this.#lines.get(engine.name)?.breaker;
    if (breaker?.tries() !== true) return undefined;
    availability.block(engine, 'failing');
    return () => {
      if (breaker.abandoned()) availability.unblock(engine, 'failing');
    };
  }

  /** An engine that answers the one that tries it may be sent to, however long the answer takes. */
  #answered(engine: EngineEndpoint): void {
    const isTrial = this.#lines.get(engine.name)?.breaker.answered();
    if (isTrial === true) this.#options.availability.unblock(engine, 'failing');
  }

  #succeeded({ engine }: EngineLine): void {
    const line = this.#lines.get(engine.name);
    if (line === undefined) return;
    line.breaker.succeeded();
    clearTimeout(line.halfOpen);
    this.#options.availability.unblock(engine, 'failing');
  }

  /**
   * After enough failures in a row the engine is left alone for a while. Where a connection did not
   * come about, or broke, it may be gone altogether.
   */
  #failed({ engine }: EngineLine, fault: EngineFault): void {
    if (fault === 'unreachable' || fault === 'reset') {
      this.#options.availability.suspect(engine.name);
    }
    const line = this.#lines.get(engine.name);
    if (line?.breaker.failed() !== true) return;
    const { availability, resilience } = this.#options;
    availability.block(engine, 'failing');
    const rested = (): void => {
      line.breaker.rested();
      availability.unblock(engine, 'failing');
    };
    clearTimeout(line.halfOpen);
    line.halfOpen = setTimeout(rested, resilience.breaker_open_secs * 1_000).unref();
  }

  /** Hangs up on all engines, whatever is under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#lines.values()].map((line) => this.#close(line)));
    this.#lines.clear();
  }

  async #close({ pool, halfOpen }: OpenLine): Promise<void> {
    clearTimeout(halfOpen);
    await pool.destroy().catch(() => undefined);
  }

  /** Engines that have left need no line; what is under way there ends by itself. */
  #dropGone(): void {
    const there = new Set(this.#options.engines().map(({ name }) => name));
    for (const [name, { pool, halfOpen }] of this.#lines) {
      if (there.has(name)) continue;
      this.#lines.delete(name);
      clearTimeout(halfOpen);
      void pool.close().catch(() => undefined);
    }
  }

  #open(engine: EngineEndpoint): OpenLine {
    const { http, resilience } = this.#options;
    const { origin, pathname } = new URL(engine.url);
    const pool = new Pool(origin, {
      connectTimeout: resilience.connect_timeout_secs * 1_000,
      headersTimeout: http.first_token_timeout_secs * 1_000,
      bodyTimeout: http.idle_stream_timeout_secs * 1_000,
      keepAliveTimeout: KEEP_ALIVE_MS,
      allowH2: false,
      connections: null,
    });
    return {
      engine,
      adapter: adapterOf(engine.backend),
      settings: this.#settingsOf(engine),
      pool,
      prefix: pathname.replace(/\/$/, ''),
      breaker: new CircuitBreaker(resilience.breaker_failures),
      halfOpen: undefined,
    };
  }

  #settingsOf({ name }: EngineEndpoint): EngineSettings {
    return this.#options.settings.get(name) ?? DEFAULT_SETTINGS;
  }
}

/** Whether a line leads to an engine as it is now. */
function isSame(line: EngineLine, engine: EngineEndpoint, settings: EngineSettings): boolean {
  const { url, backend, dpSize } = line.engine;
  const isThere = url === engine.url && backend === engine.backend && dpSize === engine.dpSize;
  return isThere && line.settings === settings;
}
