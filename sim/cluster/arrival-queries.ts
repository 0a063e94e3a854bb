import { newRouteQuery, type RouteQuery } from '#core/router/query.ts';
import type { EngineState } from '../engine/rank/engine-state.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { RequestRouting } from './request-routing.ts';
import type { RequestedClasses } from './requested-classes.ts';

/** What the router of a pool is asked when a request comes to it. */
export class ArrivalQueries {
  readonly #requests: RequestTable;
  readonly #state: EngineState;
  readonly #routing: RequestRouting;
  readonly #classes: RequestedClasses;
  readonly #hintsOutput: boolean;
  readonly #query = newRouteQuery();

  /** `hintsOutput`: requests tell how many tokens they will generate. */
  constructor(
    requests: RequestTable,
    state: EngineState,
    routing: RequestRouting,
    classes: RequestedClasses,
    hintsOutput: boolean,
  ) {
    this.#requests = requests;
    this.#state = state;
    this.#routing = routing;
    this.#classes = classes;
    this.#hintsOutput = hintsOutput;
  }

  /** The query of a row, on its way to a worker that computes its prompt; reused for the next. */
  of(row: number): RouteQuery {
    const query = this.#fill(row);
    this.#routing.fill(row, query);
    return query;
  }

  /** The query of a row that comes from a prefill worker; reused. */
  ofHandedOver(row: number): RouteQuery {
    const query = this.#fill(row);
    this.#routing.fillHandedOver(row, query);
    return query;
  }

  /** The query of a row whose prompt may be computed on the worker or elsewhere; reused. */
  ofAsked(row: number): RouteQuery {
    const query = this.of(row);
    query.mayBypass = 1;
    return query;
  }

  /** The query of a row that this pool does not hold yet, its prompt as another pool knows it; reused. */
  ofPromptOf(row: number, other: Readonly<RouteQuery>): RouteQuery {
    const query = this.#query;
    query.leaf = other.leaf;
    query.leafBlocks = other.leafBlocks;
    query.totalBlocks = other.totalBlocks;
    query.tailBlocks = other.tailBlocks;
    this.#fillWishes(row, query);
    this.#routing.fill(row, query);
    return query;
  }

  #fill(row: number): RouteQuery {
    const query = this.#query;
    query.inputTokens = this.#requests.inputTokens[row]!;
    this.#fillPrompt(row, query);
    this.#fillWishes(row, query);
    return query;
  }

  #fillWishes(row: number, query: RouteQuery): void {
    const requests = this.#requests;
    query.request = row;
    query.inputTokens = requests.inputTokens[row]!;
    query.expectedOutputTokens = this.#hintsOutput ? requests.requestedTokens[row]! : 0;
    query.priority = requests.priority[row]!;
    query.strictPriority = requests.strictPriority[row]!;
    query.policyClass = this.#classes.of(row);
    query.mayBypass = 0;
  }

  /**
   * A prompt whose content the trace does not give shares none of its full blocks. A partial block
   * at the end counts nowhere.
   */
  #fillPrompt(row: number, query: RouteQuery): void {
    const { forest, holders, settings } = this.#state;
    query.leaf = holders.leaf[row]!;
    query.leafBlocks = holders.leafBlocks[row]!;
    query.totalBlocks = holders.pathBlocks[row]!;
    const fullBlocks = Math.floor(query.inputTokens / settings.blockSize);
    if (query.totalBlocks > fullBlocks) {
      // The path goes on into the answer, which the router does not know yet.
      query.totalBlocks = fullBlocks;
      forest.prefix(query.leaf, fullBlocks, query);
    }
    query.tailBlocks = fullBlocks - query.totalBlocks;
  }
}
