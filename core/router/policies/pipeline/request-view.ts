import type { RouteQuery } from '../../query.ts';
import type { RouteRequest } from './selection.ts';

/** The request under decision as a policy sees it: it reads the query and cannot change it. */
export class RequestView implements RouteRequest {
  readonly blockSize: number;
  #query: RouteQuery;

  constructor(query: RouteQuery, blockSize: number) {
    this.#query = query;
    this.blockSize = blockSize;
    Object.freeze(this);
  }

  /** Shows another query. */
  show(query: RouteQuery): this {
    this.#query = query;
    return this;
  }

  get id(): number {
    return this.#query.request;
  }

  get inputTokens(): number {
    return this.#query.inputTokens;
  }

  get blocks(): number {
    return this.#query.totalBlocks + this.#query.tailBlocks;
  }

  get session(): number {
    return this.#query.session;
  }

  get priority(): number {
    return this.#query.priority;
  }

  get strictPriority(): number {
    return this.#query.strictPriority;
  }
}
