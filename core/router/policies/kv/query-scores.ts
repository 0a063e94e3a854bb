import { assert } from '#core/base/assert.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { Candidate } from '../../candidate.ts';
import { type CostTerms, costTerms } from '../../cost/breakdown.ts';
import type { CostModel, CostWeights } from '../../cost/cost-model.ts';
import { currentCost } from '../../cost/current/current.ts';
import { costV10 } from '../../cost/v1-0/v1-0.ts';
import type { Fleet } from '../../fleet.ts';
import type { PrefixIndex } from '../../index/prefix-index.ts';
import { PrefixMatch } from '../../index/prefix-match.ts';
import { PromptPath } from '../../index/prompt-path.ts';
import type { TierIndex } from '../../index/tiers/tier-index.ts';
import type { CostModelName, RouterOptions } from '../../options.ts';
import type { RouteQuery } from '../../query.ts';
import type { TieSet } from '../../selection/tie-set.ts';
import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import type { TermsTable } from '../../terms-table.ts';
import type { EligibleTargets } from '../routing-policy.ts';
import { overriddenWeights } from './overrides.ts';
import type { ScoreExplanation } from './score-explanation.ts';
import { costWeights, creditsOverlap } from './search.ts';
import { TierScores } from './tier-scores.ts';

/** What one prepared query shares with each target, and what it would cost there. */
export class QueryScores {
  /** The router's weights. */
  readonly weights: CostWeights;
  /** Leading blocks of the prompt that each target has cached, and uses for other requests. */
  readonly cached: PrefixMatch = new PrefixMatch();
  readonly active: PrefixMatch = new PrefixMatch();
  /** Blocks that a target without any shared prefix would add. */
  queryBlocks = 0;
  readonly #costModel: CostModelName;
  readonly #cost: CostModel;
  readonly #creditsOverlap: boolean;
  /** Whether the cost counts blocks in use: without, sharing them makes no target cheaper. */
  readonly #countsBlocks: boolean;
  readonly #assumeKvReuse: boolean;
  readonly #forest: BlockForest;
  readonly #fleet: Fleet;
  readonly #index: PrefixIndex;
  readonly #sequences: ActiveSequences;
  readonly #terms: TermsTable;
  readonly #tiers: TierScores;
  readonly #path = new PromptPath();
  /** The weights of the prepared query, which may have changed some for itself. */
  #queryWeights: CostWeights;
  #prefillTokensMin = 0;
  /** Set where the query prefers some targets to others by their taints. */
  #preferences: EligibleTargets | undefined;

  constructor(
    options: RouterOptions,
    forest: BlockForest,
    fleet: Fleet,
    index: PrefixIndex,
    sequences: ActiveSequences,
    terms: TermsTable,
    tiers: TierIndex,
  ) {
    this.weights = costWeights(options);
    this.#queryWeights = this.weights;
    this.#costModel = options.costModel;
    this.#cost = options.costModel === 'v1.0' ? costV10 : currentCost;
    this.#creditsOverlap = creditsOverlap(options);
    const countsBlocks = options.costWithout !== 'active_blocks';
    this.#countsBlocks = options.trackActiveBlocks && countsBlocks;
    this.#assumeKvReuse = options.assumeKvReuse !== false;
    this.#forest = forest;
    this.#fleet = fleet;
    this.#index = index;
    this.#sequences = sequences;
    this.#terms = terms;
    this.#tiers = new TierScores(options, tiers);
  }

  /** Looks the query's prefix up; owner lists longer than `longestList` are not listed. */
  prepare(query: RouteQuery, longestList: number): void {
    this.#path.fill(this.#forest, query.leaf, query.leafBlocks);
    assert(this.#path.blocks === query.totalBlocks, 'totalBlocks disagrees with the path');
    this.cached.clear();
    // Without a credit too: a request under way counts only the prompt tokens that it must compute.
    this.#index.match(this.#path, this.cached, longestList);
    this.#prepareLoad(query, longestList);
  }

  /** The same with overlaps that were found earlier. */
  prepareAgain(query: RouteQuery, overlaps: Int32Array): void {
    this.#path.fill(this.#forest, query.leaf, query.leafBlocks);
    this.#index.reserve(this.cached);
    this.cached.restore(overlaps, this.#fleet);
    this.#prepareLoad(query, Infinity);
  }

  /** Only some targets are eligible: the least prefill is theirs, and preferences count. */
  narrowTo(eligible: EligibleTargets): void {
    this.#prefillTokensMin = this.#leastPrefillTokens(eligible.targets, eligible.count);
    if (eligible.hasPreferences) this.#preferences = eligible;
  }

  /** Whether nothing but the cost model decides, so that `offerAll` may be used. */
  get isPlain(): boolean {
    return this.#preferences === undefined && !this.#tiers.isActive;
  }

  /** What depends on the requests under way, which changes while a query waits. */
  #prepareLoad(query: RouteQuery, longestList: number): void {
    const overrides = this.#terms.get(query.terms)?.overrides;
    this.#queryWeights =
      overrides === undefined ? this.weights : overriddenWeights(this.weights, overrides);
    this.#preferences = undefined;
    this.#tiers.prepare(this.#path, overrides);
    this.active.clear();
    const assumeKvReuse = overrides?.assumeKvReuse ?? this.#assumeKvReuse;
    if (this.#countsBlocks && assumeKvReuse)
      this.#sequences.match(this.#path, this.active, longestList);
    this.#prefillTokensMin = this.#leastPrefillTokens(this.#fleet.targets, this.#fleet.count);
    this.queryBlocks = this.#countsBlocks ? query.totalBlocks + query.tailBlocks : 0;
  }

  /** Writes the terms of the prepared query's cost on a target; call before it is booked there. */
  explain(query: RouteQuery, target: number, out: ScoreExplanation): void {
    const sequences = this.#sequences;
    out.target = target;
    out.cost = this.costOn(query, target);
    out.overlapBlocks = this.cached.blocksOf(target);
    out.prefillTokens = sequences.activePrefillTokens[target]!;
    out.activeBlocks = sequences.activeBlocks[target]!;
    out.additionalBlocks = this.queryBlocks - this.active.blocksOf(target);
    out.activeRequests = sequences.activeRequests[target]!;
  }

  /** Prompt tokens that the target need not compute. */
  cachedTokensOf(target: number): number {
    const blocks = this.cached.blocksOf(target);
    if (!this.#tiers.isActive) return blocks * this.weights.blockSize;
    return this.#tiers.cachedTokensOf(target, blocks, this.weights.blockSize);
  }

  bestCachedTokens(): number {
    if (!this.#tiers.isActive) return this.cached.bestBlocks * this.weights.blockSize;
    const { targets, count } = this.#fleet;
    let best = 0;
    for (let place = 0; place < count; place++) {
      best = Math.max(best, this.cachedTokensOf(targets[place]!));
    }
    return best;
  }

  /** The target with the longest prefix beyond the given one's, the lowest of equals, −1 = none. */
  longestPeer(target: number): number {
    const cached = this.cached;
    cached.listAll();
    let peer = -1;
    let longest = cached.blocksOf(target);
    for (let place = 0; place < cached.count; place++) {
      const other = cached.targets[place]!;
      const blocks = cached.blocksOf(other);
      if (blocks < longest || (blocks === longest && (peer < 0 || other > peer))) continue;
      longest = blocks;
      peer = other;
    }
    return peer;
  }

  /** The cost of the prepared query on a target, taken apart. */
  candidate(query: RouteQuery, target: number): Candidate {
    const { activePrefillTokens, activeBlocks, activeRequests } = this.#sequences;
    const cachedBlocks = this.cached.blocksOf(target);
    const sharedBlocks = this.active.blocksOf(target);
    const additionalBlocks = this.queryBlocks - sharedBlocks;
    return {
      target,
      cost: this.costOn(query, target),
      // Of blocks outside device memory the breakdown knows nothing.
      terms: this.#tiers.isActive ? undefined : this.#termsOn(query, target),
      factor: this.#preferences?.factorOf(target) ?? 1,
      cachedBlocks,
      sharedBlocks,
      prefillTokens: activePrefillTokens[target]!,
      activeBlocks: activeBlocks[target]!,
      activeRequests: activeRequests[target]!,
      additionalBlocks,
    };
  }

  #termsOn(query: RouteQuery, target: number): CostTerms {
    const { activePrefillTokens, activeBlocks, activeRequests } = this.#sequences;
    const added = this.queryBlocks - this.active.blocksOf(target);
    return costTerms(this.#costModel, this.#queryWeights, {
      inputTokens: query.inputTokens,
      overlapBlocks: this.cached.blocksOf(target),
      prefillTokens: activePrefillTokens[target]!,
      prefillTokensMin: this.#prefillTokensMin,
      blocks: activeBlocks[target]! + added,
      requests: activeRequests[target]!,
    });
  }

  /** The cost of the prepared query on a target. A preference cannot turn around what is below 0. */
  costOn(query: RouteQuery, target: number): number {
    const cost = this.#costByLoad(query, target);
    const preferences = this.#preferences;
    if (preferences === undefined) return cost;
    return Math.max(0, cost) * preferences.factorOf(target);
  }

  #costByLoad(query: RouteQuery, target: number): number {
    const sequences = this.#sequences;
    const weights = this.#queryWeights;
    const overlapBlocks = this.cached.blocksOf(target);
    const prefillTokens = sequences.activePrefillTokens[target]!;
    const blocks =
      sequences.activeBlocks[target]! + this.queryBlocks - this.active.blocksOf(target);
    const requests = sequences.activeRequests[target]!;
    const { inputTokens } = query;
    const least = this.#prefillTokensMin;
    if (!this.#tiers.isActive) {
      return this.#cost(
        weights,
        inputTokens,
        overlapBlocks,
        prefillTokens,
        least,
        blocks,
        requests,
      );
    }
    return this.#tiers.costOn(
      target,
      weights,
      inputTokens,
      overlapBlocks,
      prefillTokens,
      least,
      blocks,
      requests,
    );
  }

  /** The cost of a request without tokens and blocks: what load alone contributes. */
  loadKey(target: number): number {
    const sequences = this.#sequences;
    return this.#cost(
      this.weights,
      0,
      0,
      sequences.activePrefillTokens[target]!,
      0,
      sequences.activeBlocks[target]!,
      sequences.activeRequests[target]!,
    );
  }

  /** Only the decay of the credit needs it, and then every target is scored anyway. */
  #leastPrefillTokens(targets: Int32Array, count: number): number {
    if (this.weights.overlapScoreCreditDecay === 0) return 0;
    const prefillTokens = this.#sequences.activePrefillTokens;
    let least = Infinity;
    for (let place = 0; place < count; place++) {
      const tokens = prefillTokens[targets[place]!]!;
      if (tokens < least) least = tokens;
    }
    return least;
  }

  /** What the target would cost if it shared nothing with the prompt. */
  untouchedCost(query: RouteQuery, target: number): number {
    const sequences = this.#sequences;
    return this.#cost(
      this.weights,
      query.inputTokens,
      0,
      sequences.activePrefillTokens[target]!,
      this.#prefillTokensMin,
      sequences.activeBlocks[target]! + this.queryBlocks,
      sequences.activeRequests[target]!,
    );
  }

  /** What the query would cost on an idle target that shares nothing with it. */
  idleCost(query: RouteQuery): number {
    return this.#cost(this.weights, query.inputTokens, 0, 0, 0, this.queryBlocks, 0);
  }

  /** Offers the touched targets: those that have cached or use a listed part of the prompt. */
  offerTouched(query: RouteQuery, ties: TieSet): void {
    const cached = this.cached;
    const active = this.active;
    const credited = this.#creditsOverlap ? cached : undefined;
    if (credited !== undefined) {
      this.offerAll(query, credited.targets, credited.count, undefined, ties);
    }
    this.offerAll(query, active.targets, active.count, credited, ties);
  }

  /** Offers targets at their cost, but for those that `except` has seen. */
  offerAll(
    query: RouteQuery,
    targets: Int32Array,
    count: number,
    except: PrefixMatch | undefined,
    ties: TieSet,
  ): void {
    const { activePrefillTokens, activeBlocks, activeRequests } = this.#sequences;
    const weights = this.#queryWeights;
    const cost = this.#cost;
    const cached = this.cached;
    const active = this.active;
    const inputTokens = query.inputTokens;
    const queryBlocks = this.queryBlocks;
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

  /** Whether `offerTouched` has offered the target. */
  wasOffered(target: number): boolean {
    return this.active.has(target) || (this.#creditsOverlap && this.cached.has(target));
  }
}
