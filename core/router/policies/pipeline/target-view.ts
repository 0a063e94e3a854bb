import type { ActiveSequences } from '../../sequences/active-sequences.ts';
import type { QueryScores } from '../kv/query-scores.ts';
import type { EligibleTargets } from '../routing-policy.ts';
import type { Candidate, PolicyInput } from './selection.ts';

/** What candidates are read from. */
export class ViewFacts {
  /** Set where the request prefers some targets by their taints. */
  preferences: EligibleTargets | undefined;
  /** What the prepared query shares with each target. */
  readonly query: QueryScores;
  readonly sequences: ActiveSequences;
  readonly inputs: ReadonlySet<PolicyInput>;
  readonly blockSize: number;
  readonly kvBlocks: number;

  constructor(
    query: QueryScores,
    sequences: ActiveSequences,
    inputs: ReadonlySet<PolicyInput>,
    blockSize: number,
    kvBlocks: number,
  ) {
    this.query = query;
    this.sequences = sequences;
    this.inputs = inputs;
    this.blockSize = blockSize;
    this.kvBlocks = kvBlocks;
  }
}

/** One target as a policy sees it. It reads the router's columns and cannot change them. */
export class TargetView implements Candidate {
  readonly #facts: ViewFacts;
  readonly #target: number;

  constructor(facts: ViewFacts, target: number) {
    this.#facts = facts;
    this.#target = target;
    Object.freeze(this);
  }

  get worker(): number {
    return this.#target;
  }

  get cachedBlocks(): number {
    return this.#allow('cache', 'cachedBlocks').query.cached.blocksOf(this.#target);
  }

  get cachedTokens(): number {
    return this.cachedBlocks * this.#facts.blockSize;
  }

  get activeBlocks(): number {
    return this.#allow('load', 'activeBlocks').sequences.activeBlocks[this.#target]!;
  }

  get additionalBlocks(): number {
    const { query } = this.#allow('load', 'additionalBlocks');
    return query.queryBlocks - query.active.blocksOf(this.#target);
  }

  get activePrefillTokens(): number {
    return this.#allow('load', 'activePrefillTokens').sequences.activePrefillTokens[this.#target]!;
  }

  get activeRequests(): number {
    return this.#allow('load', 'activeRequests').sequences.activeRequests[this.#target]!;
  }

  get waitingRequests(): number {
    return this.#allow('load', 'waitingRequests').sequences.waitingRequests[this.#target]!;
  }

  get kvBlocks(): number {
    return this.#facts.kvBlocks;
  }

  get preferenceFactor(): number {
    return this.#facts.preferences?.factorOf(this.#target) ?? 1;
  }

  #allow(input: PolicyInput, name: string): ViewFacts {
    const facts = this.#facts;
    if (facts.inputs.has(input)) return facts;
    throw new TypeError(`${name} belongs to the input "${input}", which inputs does not name`);
  }
}
