import { expect } from 'vitest';
import { RandomStream } from '#core/base/random.ts';
import { NO_HOLDS } from '#core/router/index/approximate/routed-index.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { RouteQuery } from '#core/router/query.ts';
import { newRouteQuery } from '#core/router/query.ts';
import { Router } from '#core/router/router.ts';
import type { UserPolicies } from '#core/router/user-policies.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NaiveRouter } from './naive-router.ts';
import { promptBlocks } from './random-forest.ts';

/** A request as a property draws it. */
export interface DrawnPrompt {
  readonly leaf: number;
  /** Blocks used of the leaf, cut to what it has. */
  readonly used: number;
  /** Prompt tokens behind the full blocks. */
  readonly tailTokens: number;
}

/** A stream whose draws are told, and that tells among how many it was to draw. */
class ToldStream extends RandomStream {
  pick = 0;
  /** Bound of the last draw; a set of one is not drawn from. */
  bound = 1;

  override nextBelow(bound: number): number {
    this.bound = bound;
    return this.pick % bound;
  }
}

/**
 * The KV router and the naive one, told the same facts; each decision is held against all ties. With
 * a selection of a user the router has the mode `policy` instead, and is held to the same.
 */
export class RouterPair {
  readonly #options: RouterOptions;
  readonly #forest: BlockForest;
  readonly #stream = new ToldStream(0, 'told');
  readonly #router: Router;
  readonly #naive: NaiveRouter;
  readonly #query = newRouteQuery();

  constructor(options: RouterOptions, forest: BlockForest, policies: UserPolicies = {}) {
    this.#options = policies.selection === undefined ? options : { ...options, mode: 'policy' };
    this.#forest = forest;
    this.#router = new Router(this.#options, forest, this.#stream, NO_HOLDS, policies);
    this.#naive = new NaiveRouter(options, forest);
  }

  isActive(request: number): boolean {
    return this.#naive.sequences.isActive(request);
  }

  prefillCompleted(request: number): void {
    this.#router.prefillCompleted(request, 0);
    this.#naive.sequences.prefillCompleted(request);
  }

  free(request: number): void {
    this.#router.free(request, 0);
    this.#naive.sequences.free(request);
  }

  /** The target holds at least the first `blocks` of the node; more than it has is cut. */
  stored(target: number, node: number, blocks: number): void {
    const known = Math.min(blocks, this.#forest.length[node]!);
    this.#router.stored(target, node, known);
    this.#naive.ownership.stored(target, node, known);
  }

  /** The target holds at most the first `keep` of the node. */
  removed(target: number, node: number, keep: number): void {
    this.#router.removed(target, node, keep);
    this.#naive.ownership.removed(target, node, keep);
  }

  /** Puts a request on a target without a choice. */
  pin(request: number, target: number, prompt: DrawnPrompt): void {
    const query = this.#fill(request, prompt);
    query.pinnedTarget = target;
    this.#route(query);
    this.#naive.book(query, target);
  }

  /**
   * Routes a request as often as there are ties, each time with the next draw, and leaves it where
   * `pick` says: the targets must be those of the least cost, each of them once.
   */
  decide(request: number, prompt: DrawnPrompt, pick: number): void {
    const query = this.#fill(request, prompt);
    const ties = this.#naive.ties(query);
    const chosen = ties.map((_, draw) => {
      const target = this.#route(query, draw);
      expect(this.#stream.bound).toBe(ties.length);
      this.#router.free(request, 0);
      return target;
    });
    expect(chosen.sort((a, b) => a - b)).toEqual(ties);
    this.#naive.book(query, this.#route(query, pick % ties.length));
  }

  #fill(request: number, { leaf, used, tailTokens }: DrawnPrompt): RouteQuery {
    const query = this.#query;
    query.request = request;
    query.pinnedTarget = -1;
    query.leaf = leaf;
    query.leafBlocks = leaf < 0 ? 0 : Math.min(used, this.#forest.length[leaf]!);
    query.totalBlocks = promptBlocks(this.#forest, leaf, query.leafBlocks).length;
    query.tailBlocks = tailTokens > 0 ? 1 : 0;
    query.inputTokens = Math.max(1, query.totalBlocks * this.#options.blockSize + tailTokens);
    return query;
  }

  /** Routes, and holds what the router says of the decision against the naive one. */
  #route(query: RouteQuery, draw = 0): number {
    const overlaps = this.#naive.overlaps(query);
    const costs = this.#naive.costs(query);
    this.#stream.pick = draw;
    this.#stream.bound = 1;
    this.#router.arrive(query, 0);
    const { decisions, explainLast } = this.#router;
    const target = decisions.target[0]!;
    if (this.#options.mode === 'kv_router') expect(explainLast.cost).toBe(costs[target]);
    expect(decisions.overlapBlocks[0]).toBe(overlaps[target]);
    expect(decisions.bestOverlapBlocks[0]).toBe(Math.max(...overlaps));
    decisions.clear();
    return target;
  }
}
