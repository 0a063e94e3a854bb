import { assert } from '#core/base/assert.ts';
import { growColumn } from '#core/base/columns.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { CostModel, CostWeights } from '../../cost/cost-model.ts';
import { cachedBlockWorth, currentCost } from '../../cost/current/current.ts';
import { costV10 } from '../../cost/v1-0/v1-0.ts';
import type { Fleet } from '../../fleet.ts';
import type { OwnershipIndex } from '../../index/ownership.ts';
import { PrefixMatch } from '../../index/prefix-match.ts';
import { PromptPath } from '../../index/prompt-path.ts';
import type { RouterOptions } from '../../options.ts';
import type { RouteQuery } from '../../query.ts';
import { costsAreExact, discountedKeyBound, keyBound } from '../../selection/exactness.ts';
import { LoadTree } from '../../selection/load-tree.ts';
import type { SearchLimits } from '../../selection/search-limits.ts';
import { DEFAULT_SEARCH_LIMITS } from '../../selection/search-limits.ts';
import { drawSoftmax } from '../../selection/softmax.ts';
import { TieSet } from '../../selection/tie-set.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import type { RoutingPolicy } from '../routing-policy.ts';
import type { ScoreExplanation } from './score-explanation.ts';

/**
 * How the least cost is found. `scan` scores every target. The other two score one by one only the
 * touched targets, those that hold or use a prefix of the prompt, and find the best of the others
 * in a tree over load: `tree` where keys decide exactly, `near` where rounding makes it necessary
 * to compare the costs of all targets whose keys are next to the smallest. Where nearly every target
 * holds or uses the beginning of the prompt, both score one by one only those that hold or use more,
 * and visit the others in the tree as long as their keys can make up for it.
 */
type Search = 'scan' | 'tree' | 'near';

/** KV-aware routing: the least cost, see the README. */
export class KvPolicy implements RoutingPolicy {
  readonly #weights: CostWeights;
  readonly #cost: CostModel;
  readonly #temperature: number;
  readonly #search: Search;
  readonly #limits: SearchLimits;
  readonly #creditsOverlap: boolean;
  readonly #trackActiveBlocks: boolean;
  readonly #prefersSmallIndex: boolean;
  readonly #forest: BlockForest;
  readonly #fleet: Fleet;
  readonly #index: OwnershipIndex;
  readonly #sequences: ActiveSequences;
  readonly #stream: RandomStream;
  readonly #tree = new LoadTree();
  readonly #ties = new TieSet();
  readonly #path = new PromptPath();
  readonly #cached = new PrefixMatch();
  readonly #active = new PrefixMatch();
  #costs = new Float64Array(16);
  #scratch = new Float64Array(16);
  #found = new Int32Array(16);
  /** Of the prepared query: blocks that a target without any shared prefix would add. */
  #queryBlocks = 0;
  #prefillTokensMin = 0;

  constructor(
    options: RouterOptions,
    forest: BlockForest,
    fleet: Fleet,
    index: OwnershipIndex,
    sequences: ActiveSequences,
    stream: RandomStream,
  ) {
    this.#weights = costWeights(options);
    this.#cost = options.costModel === 'v1.0' ? costV10 : currentCost;
    this.#temperature = options.temperature;
    this.#creditsOverlap = creditsOverlap(options);
    this.#search = chooseSearch(options, this.#weights);
    this.#limits = options.searchLimits ?? DEFAULT_SEARCH_LIMITS;
    this.#trackActiveBlocks = options.trackActiveBlocks;
    this.#prefersSmallIndex = options.costModel === 'v1.0';
    this.#forest = forest;
    this.#fleet = fleet;
    this.#index = index;
    this.#sequences = sequences;
    this.#stream = stream;
  }

  prepare(query: RouteQuery): void {
    this.#path.fill(this.#forest, query.leaf, query.leafBlocks);
    assert(this.#path.blocks === query.totalBlocks, 'totalBlocks disagrees with the path');
    this.#cached.clear();
    // Without a credit too: a request under way counts only the prompt tokens that it must compute.
    const longestList = this.#longestList();
    this.#index.match(this.#path, this.#cached, longestList);
    this.#prepareLoad(query, longestList);
  }

  keepOverlaps(): Int32Array {
    return this.#cached.save();
  }

  prepareAgain(query: RouteQuery, overlaps: Int32Array): void {
    this.#path.fill(this.#forest, query.leaf, query.leafBlocks);
    this.#index.reserve(this.#cached);
    this.#cached.restore(overlaps, this.#fleet);
    this.#prepareLoad(query, Infinity);
  }

  /** What depends on the requests under way, which changes while a query waits. */
  #prepareLoad(query: RouteQuery, longestList: number): void {
    this.#active.clear();
    if (this.#trackActiveBlocks) this.#sequences.match(this.#path, this.#active, longestList);
    this.#prefillTokensMin = this.#leastPrefillTokens();
    this.#queryBlocks = this.#trackActiveBlocks ? query.totalBlocks + query.tailBlocks : 0;
  }

  choose(query: RouteQuery): number {
    if (this.#temperature > 0) return this.#chooseBySoftmax(query);
    this.#ties.clear();
    if (this.#cached.hotBlocks > 0 || this.#active.hotBlocks > 0) {
      if (this.#offerBesideHot(query)) return this.#ties.draw(this.#stream);
      this.#ties.clear();
      this.#cached.listAll();
      this.#active.listAll();
    }
    switch (this.#search) {
      case 'scan':
        return this.#chooseByScan(query);
      case 'tree':
        return this.#chooseByTree(query);
      case 'near':
        return this.#chooseNear(query);
    }
  }

  overlapOf(target: number): number {
    return this.#cached.blocksOf(target);
  }

  bestOverlapBlocks(): number {
    return this.#cached.bestBlocks;
  }

  loadChanged(target: number): void {
    if (this.#search !== 'scan') this.#tree.set(target, this.#loadKey(target));
  }

  targetRemoved(target: number): void {
    if (this.#search !== 'scan') this.#tree.delete(target);
  }

  /** Writes the terms of the prepared query's cost on a target; call before it is booked there. */
  explain(query: RouteQuery, target: number, out: ScoreExplanation): void {
    const sequences = this.#sequences;
    out.target = target;
    out.cost = this.#costOn(query, target);
    out.overlapBlocks = this.#cached.blocksOf(target);
    out.prefillTokens = sequences.activePrefillTokens[target]!;
    out.activeBlocks = sequences.activeBlocks[target]!;
    out.additionalBlocks = this.#queryBlocks - this.#active.blocksOf(target);
    out.activeRequests = sequences.activeRequests[target]!;
  }

  /** The cost of the prepared query on a target. */
  #costOn(query: RouteQuery, target: number): number {
    const sequences = this.#sequences;
    return this.#cost(
      this.#weights,
      query.inputTokens,
      this.#cached.blocksOf(target),
      sequences.activePrefillTokens[target]!,
      this.#prefillTokensMin,
      sequences.activeBlocks[target]! + this.#queryBlocks - this.#active.blocksOf(target),
      sequences.activeRequests[target]!,
    );
  }

  /** The cost of a request without tokens and blocks: what load alone contributes. */
  #loadKey(target: number): number {
    const sequences = this.#sequences;
    return this.#cost(
      this.#weights,
      0,
      0,
      sequences.activePrefillTokens[target]!,
      0,
      sequences.activeBlocks[target]!,
      sequences.activeRequests[target]!,
    );
  }

  /** Only the decay of the credit needs it, and then every target is scored anyway. */
  #leastPrefillTokens(): number {
    if (this.#weights.overlapScoreCreditDecay === 0) return 0;
    const { targets, count } = this.#fleet;
    const prefillTokens = this.#sequences.activePrefillTokens;
    let least = Infinity;
    for (let place = 0; place < count; place++) {
      const tokens = prefillTokens[targets[place]!]!;
      if (tokens < least) least = tokens;
    }
    return least;
  }

  #chooseByScan(query: RouteQuery): number {
    this.#offerAll(query, this.#fleet.targets, this.#fleet.count, undefined);
    return this.#prefersSmallIndex ? this.#drawSmallestIndex() : this.#ties.draw(this.#stream);
  }

  /** The 1.0 release preferred, among equal costs, the targets with the fewest indexed blocks. */
  #drawSmallestIndex(): number {
    const ties = this.#ties;
    const count = ties.count;
    if (this.#found.length < count) this.#found = growColumn(this.#found, count);
    for (let place = 0; place < count; place++) this.#found[place] = ties.at(place);
    ties.clear();
    for (let place = 0; place < count; place++) {
      const target = this.#found[place]!;
      ties.offer(target, this.#index.blocksOf(target));
    }
    return ties.draw(this.#stream);
  }

  #offerTouched(query: RouteQuery): void {
    const cached = this.#cached;
    const active = this.#active;
    const credited = this.#creditsOverlap ? cached : undefined;
    if (credited !== undefined) {
      this.#offerAll(query, credited.targets, credited.count, undefined);
    }
    this.#offerAll(query, active.targets, active.count, credited);
  }

  /** Offers targets at their cost, but for those that `except` has seen. */
  #offerAll(
    query: RouteQuery,
    targets: Int32Array,
    count: number,
    except: PrefixMatch | undefined,
  ): void {
    const { activePrefillTokens, activeBlocks, activeRequests } = this.#sequences;
    const weights = this.#weights;
    const cost = this.#cost;
    const cached = this.#cached;
    const active = this.#active;
    const ties = this.#ties;
    const inputTokens = query.inputTokens;
    const queryBlocks = this.#queryBlocks;
    const prefillTokensMin = this.#prefillTokensMin;
    for (let place = 0; place < count; place++) {
      const target = targets[place]!;
      if (except?.has(target)) continue;
      const candidateCost = cost(
        weights,
        inputTokens,
        cached.blocksOf(target),
        activePrefillTokens[target]!,
        prefillTokensMin,
        activeBlocks[target]! + queryBlocks - active.blocksOf(target),
        activeRequests[target]!,
      );
      if (candidateCost <= ties.cost) ties.offer(target, candidateCost);
    }
  }

  /**
   * The tree also holds the touched targets, by load alone. A touched target costs strictly less
   * than its load key says, so when one is among the tree's best, a touched target wins anyway; on
   * a tie between the two kinds the tree's best are all untouched, and no target counts twice.
   */
  #chooseByTree(query: RouteQuery): number {
    this.#offerTouched(query);
    const ties = this.#ties;
    const tree = this.#tree;
    const untouchedCost = this.#untouchedCost(query, tree.tied(0));
    if (ties.cost < untouchedCost) return ties.draw(this.#stream);
    const touched = ties.cost === untouchedCost ? ties.count : 0;
    const total = touched + tree.ties;
    const draw = total === 1 ? 0 : this.#stream.nextBelow(total);
    return draw < touched ? ties.at(draw) : tree.tied(draw - touched);
  }

  /** What the target would cost if it shared nothing with the prompt. */
  #untouchedCost(query: RouteQuery, target: number): number {
    const sequences = this.#sequences;
    return this.#cost(
      this.#weights,
      query.inputTokens,
      0,
      sequences.activePrefillTokens[target]!,
      this.#prefillTokensMin,
      sequences.activeBlocks[target]! + this.#queryBlocks,
      sequences.activeRequests[target]!,
    );
  }

  #chooseNear(query: RouteQuery): number {
    this.#offerTouched(query);
    const tree = this.#tree;
    const sharedCost = this.#cost(this.#weights, query.inputTokens, 0, 0, 0, this.#queryBlocks, 0);
    const limit = this.#fleet.count;
    if (this.#found.length < limit) this.#found = growColumn(this.#found, limit);
    const found = tree.collect(keyBound(tree.minimum, sharedCost), this.#found);
    for (let place = 0; place < found; place++) {
      const target = this.#found[place]!;
      if (this.#wasOffered(target)) continue;
      this.#ties.offer(target, this.#costOn(query, target));
    }
    return this.#ties.draw(this.#stream);
  }

  /** Owners of a node up to which they are listed; no limit where all would be visited anyway. */
  #longestList(): number {
    if (this.#search === 'scan' || this.#temperature > 0) return Infinity;
    return this.#tree.ties > this.#mostVisits() ? Infinity : this.#limits.listedOwners;
  }

  #mostVisits(): number {
    return Math.ceil(this.#limits.visitedShare * this.#fleet.count);
  }

  /**
   * Offers the targets that hold or use more of the prompt than its hot beginning, and of the others
   * all whose load keys are small enough for the least cost. False when those are too many, and the
   * ties are incomplete.
   */
  #offerBesideHot(query: RouteQuery): boolean {
    this.#offerTouched(query);
    const tree = this.#tree;
    const ties = this.#ties;
    const sharedCost = this.#cost(this.#weights, query.inputTokens, 0, 0, 0, this.#queryBlocks, 0);
    const cachedDiscount = cachedBlockWorth(this.#weights) * this.#cached.hotBlocks;
    const discount = cachedDiscount + this.#active.hotBlocks;
    const mostVisits = this.#mostVisits();
    tree.startWalk();
    for (let visits = 0; ; visits++) {
      const target = tree.next(discountedKeyBound(ties.cost, sharedCost, discount));
      if (target < 0) return true;
      if (visits === mostVisits) return false;
      if (this.#wasOffered(target)) continue;
      ties.offer(target, this.#costOn(query, target));
    }
  }

  /** Whether `#offerTouched` has offered the target. */
  #wasOffered(target: number): boolean {
    return this.#active.has(target) || (this.#creditsOverlap && this.#cached.has(target));
  }

  #chooseBySoftmax(query: RouteQuery): number {
    const { targets, count } = this.#fleet;
    if (this.#costs.length < count) {
      this.#costs = growColumn(this.#costs, count);
      this.#scratch = growColumn(this.#scratch, count);
    }
    for (let place = 0; place < count; place++) {
      this.#costs[place] = this.#costOn(query, targets[place]!);
    }
    const uniform = this.#stream.nextFloat();
    const place = drawSoftmax(this.#costs, count, this.#temperature, uniform, this.#scratch);
    return targets[place]!;
  }
}

/** Whether what a target has cached can make it cheaper. */
function creditsOverlap(options: RouterOptions): boolean {
  return options.costModel === 'v1.0' || options.overlapScoreCredit > 0;
}

function costWeights(options: RouterOptions): CostWeights {
  return {
    overlapScoreCredit: options.overlapScoreCredit,
    overlapScoreCreditDecay: options.costModel === 'v1.0' ? 0 : options.overlapScoreCreditDecay,
    prefillLoadScale: options.prefillLoadScale,
    decodeActiveRequestWeight: options.decodeActiveRequestWeight,
    blockSize: options.blockSize,
    trackPrefillTokens: options.trackPrefillTokens,
    decodes: (options.pool ?? 'aggregated') !== 'prefill',
  };
}

function chooseSearch(options: RouterOptions, weights: CostWeights): Search {
  if (options.temperature > 0 || options.costModel === 'v1.0') return 'scan';
  if (weights.overlapScoreCreditDecay > 0) return 'scan';
  // The tree alone decides only if every touched target is strictly cheaper than its load key.
  const overlapCounts = weights.trackPrefillTokens && weights.prefillLoadScale > 0;
  return costsAreExact(weights) && (overlapCounts || !creditsOverlap(options)) ? 'tree' : 'near';
}
