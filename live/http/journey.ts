import type { IncomingHttpHeaders } from 'node:http';
import { JsonObject } from '#live/bytes/json-object.ts';
import { editObject, type JsonEdits } from '#live/bytes/splice.ts';
import type { Clock } from '#live/clock.ts';
import {
  type Dispatcher,
  type EngineEndpoint,
  type Placement,
  type PromptBlocks,
  type RouteAsk,
  RouteRefused,
} from '#live/routing/route-ask.ts';
import type { PromptReader, PromptSource } from '#live/tokens/prompt-reader.ts';
import type { ClientAnswer } from './client-answer.ts';
import { type ClientRequest, mostTokensOf, ROUTE_PATHS } from './client-request.ts';
import type { EngineCall } from './engine-call.ts';
import { EngineFailure } from './engine-failure.ts';
import type { EngineLine, EngineLines } from './engine-lines.ts';
import type { FrontTelemetry } from './front-telemetry.ts';
import { MigrationTrail } from './migration.ts';
import { engineHeaders } from './passed-headers.ts';
import { relay } from './relay.ts';
import type { RequestRecord } from './request-record.ts';
import { rideLegs } from './two-legs.ts';

/** Who helps a request on its way. */
export interface JourneyParts {
  readonly dispatcher: Dispatcher;
  readonly prompts: PromptReader;
  readonly lines: EngineLines;
  readonly clock: Clock;
  readonly telemetry: FrontTelemetry;
  readonly retryLimit: number;
  readonly migrationLimit: number;
  readonly keysEndHere: boolean;
}

/** One request, read and understood. */
export interface Travel {
  readonly request: ClientRequest;
  readonly headers: IncomingHttpHeaders;
  readonly source: PromptSource;
  readonly prompt: PromptBlocks;
  /** Engines that serve its model; undefined = all. */
  readonly workers: readonly string[] | undefined;
  readonly answer: ClientAnswer;
  readonly record: RequestRecord;
}

/**
 * A request on its way through the cluster: it is routed, passed to the engine that the router has
 * chosen, and when that fails, to another, as long as the client has got nothing, or the answer can go
 * on elsewhere. Every placement is told that it has ended, once, however that comes about.
 */
export class Journey {
  readonly #parts: JourneyParts;
  readonly #travel: Travel;
  readonly #signal: AbortSignal;
  readonly #excluded = new Set<string>();
  readonly #forgiven = new Set<string>();
  #trail: MigrationTrail | undefined;
  #prompt: PromptBlocks;

  constructor(parts: JourneyParts, travel: Travel, signal: AbortSignal) {
    this.#parts = parts;
    this.#travel = travel;
    this.#signal = signal;
    this.#prompt = travel.prompt;
    const mayMove = parts.migrationLimit > 0 && MigrationTrail.canFollow(travel.request);
    this.#trail = mayMove ? new MigrationTrail(travel.request) : undefined;
  }

  /**
   * Brings the answer to the client. Rejects with what hindered that: a `RouteRefused`, the last
   * `EngineFailure`, or the signal's reason.
   */
  async run(): Promise<void> {
    let last: EngineFailure | undefined;
    for (;;) {
      try {
        const placement = await this.#route(last);
        await this.#ride(placement);
        return;
      } catch (error) {
        if (!(error instanceof EngineFailure) || error === last) throw error;
        last = error;
        await this.#prepareAnother(error);
      }
    }
  }

  /** A router that has nobody left makes the last engine's failure the answer. */
  async #route(last: EngineFailure | undefined): Promise<Placement> {
    const { dispatcher, clock } = this.#parts;
    const { record } = this.#travel;
    try {
      const placement = await dispatcher.route(this.#ask(), this.#signal);
      if (record.routedNs < 0) record.routedNs = clock.nowNs();
      return placement;
    } catch (error) {
      throw error instanceof RouteRefused && last !== undefined ? last : error;
    }
  }

  #ask(): RouteAsk {
    const { request, workers, source } = this.#travel;
    const { hints, maxTokens, route } = request;
    const { pin, prefillPin, policyClass, session, tenant } = hints;
    const { loraName } = source.salt;
    const { requiredTaints, preferredTaints } = request.nvext;
    return {
      prompt: this.#prompt,
      outputTokens: hints.outputTokens,
      ...(maxTokens !== undefined && { maxOutputTokens: maxTokens }),
      priority: hints.priority ?? 0,
      strictPriority: hints.strictPriority,
      task: route === 'embeddings' ? 'embed' : 'generate',
      ...(pin !== undefined && { pin }),
      ...(prefillPin !== undefined && { prefillPin }),
      ...(policyClass !== undefined && { policyClass }),
      ...(session !== undefined && { session }),
      ...(tenant !== undefined && { tenant }),
      ...(workers !== undefined && { allowedWorkers: workers }),
      ...(this.#excluded.size > 0 && { excludedWorkers: [...this.#excluded] }),
      ...(loraName !== undefined && { loraName }),
      ...(requiredTaints !== undefined && { requiredTaints }),
      ...(preferredTaints !== undefined && { preferredTaints }),
    };
  }

  /** Throws the failure where there is nothing more to try. */
  async #prepareAnother(failure: EngineFailure): Promise<void> {
    const { answer, record } = this.#travel;
    const { retryLimit, migrationLimit } = this.#parts;
    const name = failure.engine ?? '';
    record.fault = `${name}: ${failure.message}`;
    if (!failure.mayBeOvercome) throw failure;
    if (answer.hasBegun) {
      if (record.migrations >= migrationLimit || !(await this.#moveOn())) throw failure;
      record.migrations++;
    } else {
      if (record.retries >= retryLimit) throw failure;
      record.retries++;
    }
    // A connection that was kept alive may have been closed in the very moment; that is no failing.
    if (failure.fault === 'reset' && !answer.hasBegun && !this.#forgiven.has(name))
      this.#forgiven.add(name);
    else this.#excluded.add(name);
  }

  /** Makes what has been generated the end of the prompt. False where that cannot be. */
  async #moveOn(): Promise<boolean> {
    const tokenIds = this.#trail?.tokenIds;
    if (this.#trail === undefined || tokenIds === undefined || this.#trail.isFinished) return false;
    const blocks = await this.#parts.prompts.read({ ...this.#travel.source, tokenIds });
    this.#prompt = blocks ?? { inputTokens: tokenIds.length, hashes: [] };
    return true;
  }

  async #ride(placement: Placement): Promise<void> {
    const { record } = this.#travel;
    if (placement.leg !== 'prefill') return this.#single(placement);
    record.prefillEngine = placement.engine.name;
    return rideLegs(placement, {
      request: this.#travel.request,
      answer: this.#travel.answer,
      lines: this.#parts.lines,
      signal: this.#signal,
      plainBody: (line) => this.#bodyFor(line),
      callTo: (line, rank, body) => this.#callTo(line, rank, body),
      decode: (decode, body, signal) => this.#single(decode, body, signal),
    });
  }

  /** One leg whose answer the client gets. */
  async #single(placement: Placement, given?: Uint8Array, signal = this.#signal): Promise<void> {
    const { lines, clock, telemetry } = this.#parts;
    const { record, answer, request } = this.#travel;
    const line = lines.lineTo(placement.engine);
    record.engine = placement.engine.name;
    record.rank = placement.rank;
    record.overlapBlocks = placement.overlapBlocks;
    record.queuedNs = Math.max(0, record.queuedNs) + placement.queuedNs;
    let isWhole = false;
    try {
      const body = given ?? this.#bodyFor(line);
      const trail = this.#trail;
      const relayed = {
        line,
        call: this.#callTo(line, placement.rank, body),
        placement,
        answer,
        record,
        ignored: request.nvext.ignored,
        rewriter: trail,
        tokensBefore: trail?.tokensBefore ?? 0,
        mostTokens: mostTokensOf(request),
        nowNs: () => clock.nowNs(),
        tokensCame: (tokens: number) => telemetry.tokensCame?.(record, tokens, clock.nowNs()),
      };
      await lines.using(line, {
        signal,
        mayLeave: () => this.#mayLeave(placement.engine),
        act: (until, answered) => relay({ ...relayed, answered }, until),
      });
      isWhole = true;
    } finally {
      placement.ended(isWhole);
    }
  }

  /** Whether another engine can be asked for the answer, of which the client has nothing yet. */
  #mayLeave({ name, role }: EngineEndpoint): boolean {
    const { answer, record, request, workers } = this.#travel;
    const { lines, retryLimit } = this.#parts;
    if (answer.hasBegun || record.retries >= retryLimit) return false;
    if (request.hints.pin !== undefined) return false;
    return lines.hasAvailable(
      (other) =>
        other.name !== name &&
        other.role === role &&
        !this.#excluded.has(other.name) &&
        (workers === undefined || workers.includes(other.name)),
    );
  }

  #callTo(line: EngineLine, rank: number, body: Uint8Array): EngineCall {
    const { request, headers, record } = this.#travel;
    const { keysEndHere, telemetry } = this.#parts;
    const passed = { id: record.id, keysEndHere, traceparent: telemetry.traceparent?.(record) };
    return {
      path: ROUTE_PATHS[request.route],
      headers: engineHeaders(headers, passed, line, rank),
      body,
    };
  }

  /** What an engine is asked for: all of the answer, or the rest of one that has begun elsewhere. */
  #bodyFor(line: EngineLine): Buffer {
    const whole = this.#wholeBodyFor(line);
    if (this.#trail === undefined) return whole;
    if (line.adapter.tellsTokenIds) return this.#trail.nextBody(new JsonObject(whole));
    if (this.#travel.answer.hasBegun) {
      const failure = new EngineFailure('declined', 'it cannot go on with the answer of another');
      failure.engine = line.engine.name;
      throw failure;
    }
    this.#trail = undefined;
    return whole;
  }

  /** The body as the client sent it, without `nvext`, with what that said in the engine's words. */
  #wholeBodyFor(line: EngineLine): Buffer {
    const { body, nvext, hints } = this.#travel.request;
    const salt = body.has('cache_salt') ? undefined : nvext.cacheSalt;
    const edits: JsonEdits = {
      ...(body.has('nvext') && { nvext: undefined }),
      ...line.adapter.hintEdits(
        {
          ...(hints.priority !== undefined &&
            !body.has('priority') && { priority: hints.priority }),
          ...(salt !== undefined && { cacheSalt: salt }),
        },
        line.settings,
      ),
    };
    return Object.keys(edits).length === 0 ? body.bytes : editObject(body, edits);
  }
}
