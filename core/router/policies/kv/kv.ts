import { growColumn } from '#core/base/columns.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { Candidate } from '../../candidate.ts';
import { cachedBlockWorth } from '../../cost/current/current.ts';
import type { Fleet } from '../../fleet.ts';
import type { PrefixIndex } from '../../index/prefix-index.ts';
import type { TierIndex } from '../../index/tiers/tier-index.ts';
import type { RouterOptions } from '../../options.ts';
import type { RouteQuery } from '../../query.ts';
import { discountedKeyBound, keyBound } from '../../selection/exactness.ts';
import { LoadTree } from '../../selection/load-tree.ts';
import type { SearchLimits } from '../../selection/search-limits.ts';
import { DEFAULT_SEARCH_LIMITS } from '../../selection/search-limits.ts';
import { TieSet } from '../../selection/tie-set.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import type { TermsTable } from '../../terms-table.ts';
import type { EligibleTargets, RoutingPolicy } from '../routing-policy.ts';
import { FullChoice } from './full-choice.ts';
import { QueryScores } from './query-scores.ts';
import type { ScoreExplanation } from './score-explanation.ts';
import { chooseSearch, type Search } from './search.ts';

/** KV-aware routing: the least cost, see the README. */
export class KvPolicy implements RoutingPolicy {
  readonly #scores: QueryScores;
  readonly #temperature: number;
  readonly #search: Search;
  readonly #limits: SearchLimits;
  readonly #tellsPeers: boolean;
  readonly #terms: TermsTable;
  readonly #fleet: Fleet;
  readonly #stream: RandomStream;
  readonly #tree = new LoadTree();
  readonly #ties = new TieSet();
  readonly #full: FullChoice;
  #found = new Int32Array(16);

  constructor(
    options: RouterOptions,
    forest: BlockForest,
    fleet: Fleet,
    index: PrefixIndex,
    sequences: ActiveSequences,
    stream: RandomStream,
    terms: TermsTable,
    tiers: TierIndex,
  ) {
    this.#scores = new QueryScores(options, forest, fleet, index, sequences, terms, tiers);
    this.#terms = terms;
    this.#temperature = options.temperature;
    this.#search = chooseSearch(options, this.#scores.weights);
    this.#limits = options.searchLimits ?? DEFAULT_SEARCH_LIMITS;
    this.#fleet = fleet;
    this.#stream = stream;
    this.#tellsPeers = options.routerHints === true;
    const prefersSmallIndex = options.costModel === 'v1.0';
    this.#full = new FullChoice(this.#scores, this.#ties, index, stream, prefersSmallIndex);
  }

  prepare(query: RouteQuery): void {
    this.#scores.prepare(query, this.#longestList());
  }

  keepOverlaps(): Int32Array {
    return this.#scores.cached.save();
  }

  prepareAgain(query: RouteQuery, overlaps: Int32Array): void {
    this.#scores.prepareAgain(query, overlaps);
  }

  choose(query: RouteQuery): number {
    const scans = this.#temperature > 0 || this.#search === 'scan' || !this.#scores.isPlain;
    if (scans) return this.#chooseOfAll(query);
    this.#ties.clear();
    if (this.#scores.cached.hotBlocks > 0 || this.#scores.active.hotBlocks > 0) {
      if (this.#offerBesideHot(query)) return this.#ties.draw(this.#stream);
      this.#ties.clear();
      this.#scores.cached.listAll();
      this.#scores.active.listAll();
    }
    return this.#search === 'tree' ? this.#chooseByTree(query) : this.#chooseNear(query);
  }

  chooseAmong(query: RouteQuery, eligible: EligibleTargets): number {
    const { targets, count } = eligible;
    const temperature = this.#terms.get(query.terms)?.overrides?.temperature ?? this.#temperature;
    this.#scores.narrowTo(eligible);
    return this.#full.choose(query, targets, count, temperature);
  }

  overlapOf(target: number): number {
    return this.#scores.cached.blocksOf(target);
  }

  bestOverlapBlocks(): number {
    return this.#scores.cached.bestBlocks;
  }

  cachedTokensOf(target: number): number {
    return this.#scores.cachedTokensOf(target);
  }

  bestCachedTokens(): number {
    return this.#scores.bestCachedTokens();
  }

  loadChanged(target: number): void {
    if (this.#search !== 'scan') this.#tree.set(target, this.#scores.loadKey(target));
  }

  targetRemoved(target: number): void {
    if (this.#search !== 'scan') this.#tree.delete(target);
  }

  /** Writes the terms of the prepared query's cost on a target; call before it is booked there. */
  explain(query: RouteQuery, target: number, out: ScoreExplanation): void {
    this.#scores.explain(query, target, out);
    out.peer = this.#tellsPeers ? this.#scores.longestPeer(target) : -1;
  }

  /** The prepared query's cost on a target, taken apart; call before it is booked there. */
  candidate(query: RouteQuery, target: number): Candidate {
    return this.#scores.candidate(query, target);
  }

  #chooseOfAll(query: RouteQuery): number {
    return this.#full.choose(query, this.#fleet.targets, this.#fleet.count, this.#temperature);
  }

  /**
   * The tree also holds the touched targets, by load alone. A touched target costs strictly less
   * than its load key says, so when one is among the tree's best, a touched target wins anyway; on
   * a tie between the two kinds the tree's best are all untouched, and no target counts twice.
   */
  #chooseByTree(query: RouteQuery): number {
    this.#scores.offerTouched(query, this.#ties);
    const ties = this.#ties;
    const tree = this.#tree;
    const untouchedCost = this.#scores.untouchedCost(query, tree.tied(0));
    if (ties.cost < untouchedCost) return ties.draw(this.#stream);
    const touched = ties.cost === untouchedCost ? ties.count : 0;
    const total = touched + tree.ties;
    const draw = total === 1 ? 0 : this.#stream.nextBelow(total);
    return draw < touched ? ties.at(draw) : tree.tied(draw - touched);
  }

  #chooseNear(query: RouteQuery): number {
    this.#scores.offerTouched(query, this.#ties);
    const tree = this.#tree;
    const sharedCost = this.#scores.idleCost(query);
    const limit = this.#fleet.count;
    if (this.#found.length < limit) this.#found = growColumn(this.#found, limit);
    const found = tree.collect(keyBound(tree.minimum, sharedCost), this.#found);
    for (let place = 0; place < found; place++) {
      const target = this.#found[place]!;
      if (this.#scores.wasOffered(target)) continue;
      this.#ties.offer(target, this.#scores.costOn(query, target));
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
    this.#scores.offerTouched(query, this.#ties);
    const tree = this.#tree;
    const ties = this.#ties;
    const sharedCost = this.#scores.idleCost(query);
    const cachedDiscount = cachedBlockWorth(this.#scores.weights) * this.#scores.cached.hotBlocks;
    const discount = cachedDiscount + this.#scores.active.hotBlocks;
    const mostVisits = this.#mostVisits();
    tree.startWalk();
    for (let visits = 0; ; visits++) {
      const target = tree.next(discountedKeyBound(ties.cost, sharedCost, discount));
      if (target < 0) return true;
      if (visits === mostVisits) return false;
      if (this.#scores.wasOffered(target)) continue;
      ties.offer(target, this.#scores.costOn(query, target));
    }
  }
}
