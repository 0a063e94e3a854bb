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

  /** The query of a row; reused for the next. */
  of(row: number): RouteQuery {
    const requests = this.#requests;
    const query = this.#query;
    query.request = row;
    query.inputTokens = requests.inputTokens[row]!;
    this.#fillPrompt(row, query);
    query.expectedOutputTokens = this.#hintsOutput ? requests.requestedTokens[row]! : 0;
    query.priority = requests.priority[row]!;
    query.strictPriority = requests.strictPriority[row]!;
    this.#routing.fill(row, query);
    query.policyClass = this.#classes.of(row);
    return query;
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
