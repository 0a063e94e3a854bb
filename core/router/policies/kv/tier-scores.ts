import type { CostWeights } from '../../cost/cost-model.ts';
import { type TierWeights, tieredCachedTokens, tieredCost } from '../../cost/current/tiered.ts';
import type { PromptPath } from '../../index/prompt-path.ts';
import type { TierHits, TierIndex } from '../../index/tiers/tier-index.ts';
import type { RouterOptions } from '../../options.ts';
import type { RouteOverrides } from '../../route-terms.ts';
import { overriddenTierWeights } from './overrides.ts';

/** What blocks outside device memory change about the scores of a prepared query. */
export class TierScores {
  /** Whether any tier holds anything; without it nothing here is asked. */
  isActive = false;
  readonly #index: TierIndex;
  readonly #weights: TierWeights;
  readonly #isKnown: boolean;
  readonly #hits: TierHits = { host: 0, disk: 0, shared: 0 };
  #queryWeights: TierWeights;
  #path: PromptPath | undefined;

  constructor(options: RouterOptions, index: TierIndex) {
    const { hostCacheHitWeight = 0.75, diskCacheHitWeight = 0.25 } = options;
    const { sharedCacheMultiplier = 0 } = options;
    this.#weights = { hostCacheHitWeight, diskCacheHitWeight, sharedCacheMultiplier };
    this.#queryWeights = this.#weights;
    this.#index = index;
    // The cost of the 1.0 release knows device memory only.
    this.#isKnown = options.costModel === 'current';
  }

  /** The path is read until the next query is prepared. */
  prepare(path: PromptPath, overrides: RouteOverrides | undefined): void {
    this.isActive = this.#isKnown && !this.#index.isEmpty;
    if (!this.isActive) return;
    this.#path = path;
    this.#queryWeights =
      overrides === undefined ? this.#weights : overriddenTierWeights(this.#weights, overrides);
  }

  /** What the target would find of the prepared query behind its device blocks; reused. */
  hitsOn(target: number, deviceBlocks: number): Readonly<TierHits> {
    this.#index.match(this.#path!, target, deviceBlocks, this.#hits);
    return this.#hits;
  }

  cachedTokensOf(target: number, deviceBlocks: number, blockSize: number): number {
    const { host, disk } = this.hitsOn(target, deviceBlocks);
    return tieredCachedTokens(this.#queryWeights, blockSize, deviceBlocks, host, disk);
  }

  /** The cost on a target, with the terms of `CostModel` in order. */
  costOn(
    target: number,
    weights: CostWeights,
    inputTokens: number,
    deviceBlocks: number,
    prefillTokens: number,
    prefillTokensMin: number,
    blocks: number,
    requests: number,
  ): number {
    const { host, disk, shared } = this.hitsOn(target, deviceBlocks);
    return tieredCost(
      weights,
      this.#queryWeights,
      inputTokens,
      deviceBlocks,
      host,
      disk,
      shared,
      prefillTokens,
      prefillTokensMin,
      blocks,
      requests,
    );
  }
}
