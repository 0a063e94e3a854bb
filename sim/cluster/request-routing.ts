import { InputError } from '#core/base/errors.ts';
import type { RouterFacts } from '#core/router/facts.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { RouteOverrides, RouteTerms } from '#core/router/route-terms.ts';
import type { TraceOverride, TraceRouting } from '#traces/routing.ts';
import type { RequestTable } from '../workload/request-table.ts';

/** Puts what a request asks of the router into its query; the router is told of each terms once. */
export class RequestRouting {
  readonly #requests: RequestTable;
  readonly #router: RouterFacts;
  readonly #ranks: number;
  readonly #tellsSessions: boolean;
  readonly #takesOver: boolean;
  /** By routing: the id of its terms, −1 = it only names a worker. */
  readonly #terms: number[] = [];
  /** By routing + 1: the router knows the terms of those that come from prefill workers. */
  readonly #handedOver: boolean[] = [];

  /**
   * `tellsSessions`: the router keeps sessions with their targets, or a policy of a user may;
   * `takesOver`: some of its requests come from prefill workers, and others do not.
   */
  constructor(
    requests: RequestTable,
    router: RouterFacts,
    ranks: number,
    tellsSessions: boolean,
    takesOver = false,
  ) {
    this.#requests = requests;
    this.#router = router;
    this.#ranks = ranks;
    this.#tellsSessions = tellsSessions;
    this.#takesOver = takesOver;
  }

  fill(row: number, query: RouteQuery): void {
    const requests = this.#requests;
    const id = requests.routing[row]!;
    query.session = this.#tellsSessions ? requests.session[row]! : -1;
    query.pinnedTarget = -1;
    query.terms = -1;
    if (id < 0) return;
    const routing = requests.routings[id]!;
    query.terms = this.#terms[id] ?? this.#define(id, routing);
    query.pinnedTarget = this.#pinOf(routing, requests.line[row]!);
  }

  /**
   * The request comes from a prefill worker, to a router that looks at prompts: this one is not to be
   * computed again, and shares no block with others. Such terms have odd ids, and the others even ones.
   * Source: Dynamo prefill_router/execution.rs, the overrides of the decode request.
   */
  fillHandedOver(row: number, query: RouteQuery): void {
    this.fill(row, query);
    const id = this.#requests.routing[row]!;
    query.terms = 2 * (id + 1) + 1;
    if (this.#handedOver[id + 1] === true) return;
    this.#handedOver[id + 1] = true;
    const own = id < 0 ? {} : termsOf(this.#requests.routings[id]!);
    const overrides = { ...own.overrides, trackPrefillTokens: false, assumeKvReuse: false };
    this.#router.defineTerms(query.terms, { ...own, overrides });
  }

  #define(id: number, routing: TraceRouting): number {
    const { requiredTaints, preferredTaints, loraName, override } = routing;
    const { allowedWorkers, excludedWorkers, embeddingHolders } = routing;
    const asks = [requiredTaints, preferredTaints, loraName, override];
    const workers = [allowedWorkers, excludedWorkers, embeddingHolders];
    const isPinOnly = [...asks, ...workers].every((wish) => wish === undefined);
    const terms = isPinOnly ? -1 : this.#takesOver ? 2 * (id + 1) : id;
    if (!isPinOnly) this.#router.defineTerms(terms, termsOf(routing));
    this.#terms[id] = terms;
    return terms;
  }

  /** A worker's rank need not be named where it has only one. */
  #pinOf({ backendInstanceId, dpRank }: TraceRouting, line: number): number {
    if (backendInstanceId === undefined) return -1;
    const ranks = this.#ranks;
    if (dpRank === undefined && ranks === 1) return backendInstanceId;
    if (dpRank !== undefined && dpRank < ranks) return backendInstanceId * ranks + dpRank;
    throw new InputError('trace_invalid', 'the pin does not name a rank of its worker', {
      line,
      path: 'dp_rank',
      ...(dpRank !== undefined && { received: dpRank }),
      allowed: `a number from 0 to ${ranks - 1}, as engine.data_parallel_size says`,
    });
  }
}

function termsOf(routing: TraceRouting): RouteTerms {
  const { requiredTaints, preferredTaints, loraName, override } = routing;
  const { allowedWorkers, excludedWorkers, embeddingHolders } = routing;
  return {
    ...(requiredTaints !== undefined && { requiredTaints }),
    ...(preferredTaints !== undefined && { preferredTaints }),
    ...(loraName !== undefined && { loraAdapter: loraName }),
    ...(allowedWorkers !== undefined && { allowedWorkers }),
    ...(excludedWorkers !== undefined && { excludedWorkers }),
    ...(embeddingHolders !== undefined && { embeddingHolders }),
    ...(override !== undefined && { overrides: overridesOf(override) }),
  };
}

function overridesOf({ routerTemperature, ...same }: TraceOverride): RouteOverrides {
  return { ...same, ...(routerTemperature !== undefined && { temperature: routerTemperature }) };
}
