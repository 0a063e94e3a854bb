import type { CostModel, CostWeights } from '#core/router/cost/cost-model.ts';
import { currentCost } from '#core/router/cost/current/current.ts';
import { costV10 } from '#core/router/cost/v1-0/v1-0.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NaiveOwnership } from './naive-ownership.ts';
import { NaiveSequences } from './naive-sequences.ts';

/** The KV mode without a queue: every target is scored, and all of the least cost are returned. */
export class NaiveRouter {
  readonly ownership: NaiveOwnership;
  readonly sequences: NaiveSequences;
  readonly #options: RouterOptions;

  constructor(options: RouterOptions, forest: BlockForest) {
    this.#options = options;
    this.ownership = new NaiveOwnership(forest, options.targets);
    this.sequences = new NaiveSequences(forest);
  }

  /** Cached leading blocks of the prompt on each target. */
  overlaps(query: RouteQuery): number[] {
    return this.ownership.match(query.leaf, query.leafBlocks);
  }

  costs(query: RouteQuery): number[] {
    const { targets, costModel, trackActiveBlocks } = this.#options;
    const weights: CostWeights = {
      ...this.#options,
      decodes: this.#options.pool !== 'prefill',
      without: this.#options.costWithout,
    };
    const cost: CostModel = costModel === 'v1.0' ? costV10 : currentCost;
    const overlaps = this.overlaps(query);
    const loads = Array.from({ length: targets }, (_, target) => this.sequences.load(target));
    const leastPrefill = Math.min(...loads.map((load) => load.prefillTokens));
    return loads.map((load, target) => {
      const shared = this.sequences.shared(target, query.leaf, query.leafBlocks);
      const added = query.totalBlocks + query.tailBlocks - shared;
      const blocks = load.blocks + (trackActiveBlocks ? added : 0);
      const { prefillTokens, requests } = load;
      const overlap = overlaps[target]!;
      return cost(
        weights,
        query.inputTokens,
        overlap,
        prefillTokens,
        leastPrefill,
        blocks,
        requests,
      );
    });
  }

  /** The targets among which a draw decides. */
  ties(query: RouteQuery): number[] {
    const costs = this.costs(query);
    const least = Math.min(...costs);
    const ties = costs.flatMap((cost, target) => (cost === least ? [target] : []));
    if (this.#options.costModel !== 'v1.0') return ties;
    const fewest = Math.min(...ties.map((target) => this.ownership.blocksOf(target)));
    return ties.filter((target) => this.ownership.blocksOf(target) === fewest);
  }

  /** Books a request on a target as the router does. */
  book(query: RouteQuery, target: number): void {
    const { trackActiveBlocks, trackPrefillTokens, blockSize } = this.#options;
    const cachedTokens = this.overlaps(query)[target]! * blockSize;
    this.sequences.add(query.request, target, {
      leaf: trackActiveBlocks ? query.leaf : -1,
      leafBlocks: query.leafBlocks,
      privateBlocks: trackActiveBlocks ? query.tailBlocks : 0,
      prefillTokens: trackPrefillTokens ? Math.max(0, query.inputTokens - cachedTokens) : 0,
    });
  }
}
