import type { CostWeights } from '#core/router/cost/cost-model.ts';
import { tieredCachedTokens, tieredCost } from '#core/router/cost/current/tiered.ts';
import { OUTCOMES } from '#core/router/decisions.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouterOptions } from '#core/router/options.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { NaiveOwnership } from './naive-ownership.ts';
import { NaiveSequences } from './naive-sequences.ts';
import { promptBlocks } from './random-forest.ts';

/** Weights of the tiers below device memory: host, disk, and what all share. */
const TIERS = { hostCacheHitWeight: 0.75, diskCacheHitWeight: 0.25, sharedCacheMultiplier: 0.5 };

/** What a target is by itself, besides its load. */
interface NaiveTarget {
  readonly attributes: TargetAttributes;
  isThere: boolean;
  isAvailable: boolean;
  latched: boolean;
  used: number | undefined;
  /** Names of the blocks in host memory, on disk, in external storage. */
  readonly tiers: readonly Set<string>[];
}

/**
 * The KV mode over the targets that a request may go to: everything is looked up anew for each
 * question, in the words of the rules.
 */
export class NaiveEligibleRouter {
  readonly ownership: NaiveOwnership;
  readonly sequences: NaiveSequences;
  readonly targets: readonly NaiveTarget[];
  readonly shared = new Set<string>();
  readonly #options: RouterOptions;
  readonly #forest: BlockForest;

  constructor(options: RouterOptions, forest: BlockForest) {
    this.#options = options;
    this.#forest = forest;
    this.ownership = new NaiveOwnership(forest, options.targets);
    this.sequences = new NaiveSequences(forest);
    this.targets = Array.from({ length: options.targets }, (_, target) => ({
      attributes: options.attributes?.[target] ?? {},
      isThere: true,
      isAvailable: true,
      latched: false,
      used: undefined,
      tiers: [new Set<string>(), new Set<string>(), new Set<string>()],
    }));
  }

  /** To be called after each fact: latches move by what is known then. */
  settle(): void {
    const limit = (this.#options.busyThresholds?.activeDecodeBlocks ?? Infinity) * 10;
    for (const [target, state] of this.targets.entries()) {
      const placed = this.sequences.load(target).blocks;
      const { used } = state;
      if (placed > limit || (used !== undefined && used > limit)) state.latched = true;
      else if (used !== undefined) state.latched = false;
    }
  }

  /** The outcome's name, or the targets among which the least cost or the pin decides. */
  decide(query: RouteQuery, terms: RouteTerms | undefined): string | readonly number[] {
    const there = this.targets.flatMap(({ isThere }, target) => (isThere ? [target] : []));
    const { pinnedTarget } = query;
    const allowed = this.#allowed(there, terms);
    if (pinnedTarget >= 0) {
      if (!allowed.includes(pinnedTarget)) return 'pinned_worker_not_allowed';
      return this.isOverloaded(pinnedTarget) ? 'pinned_worker_overloaded' : [pinnedTarget];
    }
    if (allowed.length === 0) return 'no_endpoints';
    const eligible = allowed.filter((target) => !this.isOverloaded(target));
    if (eligible.length === 0) return 'all_eligible_workers_overloaded';
    const costs = eligible.map((target) => this.cost(query, terms, target, eligible));
    const least = Math.min(...costs);
    return eligible.filter((_, place) => costs[place] === least);
  }

  isOverloaded(target: number): boolean {
    const worker = this.workerOf(target);
    const ranks = this.targets.flatMap(({ isThere }, other) => {
      return isThere && this.workerOf(other) === worker ? [other] : [];
    });
    const limit = this.#options.busyThresholds?.activePrefillTokens ?? Infinity;
    return ranks.every((rank) => {
      return this.sequences.load(rank).prefillTokens > limit || this.targets[rank]!.latched;
    });
  }

  workerOf(target: number): number {
    return this.targets[target]!.attributes.worker ?? target;
  }

  cost(
    query: RouteQuery,
    terms: RouteTerms | undefined,
    target: number,
    eligible: readonly number[],
  ): number {
    const { overrides } = terms ?? {};
    const load = this.sequences.load(target);
    const reuse = overrides?.assumeKvReuse ?? true;
    const shared = reuse ? this.sequences.shared(target, query.leaf, query.leafBlocks) : 0;
    const blocks = load.blocks + query.totalBlocks + query.tailBlocks - shared;
    const leasts = eligible.map((other) => this.sequences.load(other).prefillTokens);
    const weights: CostWeights = {
      ...this.#options,
      decodes: true,
      without: this.#options.costWithout,
      overlapScoreCredit: overrides?.overlapScoreCredit ?? this.#options.overlapScoreCredit,
      prefillLoadScale: overrides?.prefillLoadScale ?? this.#options.prefillLoadScale,
    };
    const { device, host, disk, pooled } = this.#hits(query, target);
    const cost = tieredCost(
      weights,
      TIERS,
      query.inputTokens,
      device,
      host,
      disk,
      pooled,
      load.prefillTokens,
      Math.min(...leasts),
      blocks,
      load.requests,
    );
    const preferred = Object.entries(terms?.preferredTaints ?? {}).sort();
    if (preferred.length === 0 || query.pinnedTarget >= 0) return cost;
    const taints = this.#taints(target);
    const weight = preferred.reduce(
      (sum, [name, worth]) => sum + (taints.has(name) ? worth : 0),
      0,
    );
    return Math.max(0, cost) * Math.exp(-Math.tanh(weight));
  }

  book(query: RouteQuery, terms: RouteTerms | undefined, target: number): void {
    const { device, host, disk } = this.#hits(query, target);
    const cached = tieredCachedTokens(TIERS, this.#options.blockSize, device, host, disk);
    const reuse = terms?.overrides?.assumeKvReuse ?? true;
    this.sequences.add(query.request, target, {
      leaf: reuse ? query.leaf : -1,
      leafBlocks: query.leafBlocks,
      privateBlocks: query.tailBlocks + (reuse ? 0 : query.totalBlocks),
      prefillTokens: Math.max(0, query.inputTokens - cached),
    });
  }

  #allowed(there: readonly number[], terms: RouteTerms | undefined): readonly number[] {
    const { allowedWorkers, excludedWorkers = [], loraAdapter, requiredTaints = [] } = terms ?? {};
    const listed = there.filter((target) => {
      const worker = this.workerOf(target);
      return (allowedWorkers?.includes(worker) ?? true) && !excludedWorkers.includes(worker);
    });
    const holders = listed.filter((target) => {
      return this.targets[target]!.attributes.loraAdapters?.includes(loraAdapter ?? '') ?? false;
    });
    return (holders.length > 0 ? holders : listed).filter((target) => {
      const taints = this.#taints(target);
      return (
        this.targets[target]!.isAvailable && requiredTaints.every((taint) => taints.has(taint))
      );
    });
  }

  #taints(target: number): ReadonlySet<string> {
    const { taints = [], topology = {} } = this.targets[target]!.attributes;
    const domains = Object.entries(topology).map(([name, value]) => `${name}=${value}`);
    return new Set([...taints, ...domains.map((domain) => `dynamo.topology/${domain}`)]);
  }

  #hits({ leaf, leafBlocks }: RouteQuery, target: number) {
    const prompt = promptBlocks(this.#forest, leaf, leafBlocks);
    const device = this.ownership.match(leaf, leafBlocks)[target]!;
    const ends = [device];
    for (const tier of this.targets[target]!.tiers) {
      let end = ends.at(-1)!;
      while (end < prompt.length && tier.has(prompt[end]!)) end++;
      ends.push(end);
    }
    const pooled = prompt.slice(device).filter((block) => this.shared.has(block)).length;
    return { device, host: ends[1]! - device, disk: ends[3]! - ends[1]!, pooled };
  }
}

/** The outcome of a code, by name. */
export function outcomeName(code: number): string {
  return OUTCOMES[code]!.name;
}
