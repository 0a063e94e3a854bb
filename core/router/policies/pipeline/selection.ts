/** The request that asks for a worker. The object is reused; keep numbers, not the object. */
export interface RouteRequest {
  /** Counts requests from 0 in the order of their arrival in the trace. */
  readonly id: number;
  /** Prompt tokens (ISL), at least 1. */
  readonly inputTokens: number;
  /** Full blocks of the prompt. */
  readonly blocks: number;
  /** Tokens of a block. */
  readonly blockSize: number;
  /** The session that it belongs to, a number of its own for each; −1 = none. */
  readonly session: number;
  /** Head start in a queue, in seconds. */
  readonly priority: number;
  /** Requests of a higher strict priority leave a queue first. */
  readonly strictPriority: number;
}

/**
 * A worker that may be chosen, as the router knows it at this moment: what it has sent there and
 * not yet heard the end of, and what the worker's KV events have told. The object is read-only and
 * reused: its numbers are those of the moment at which they are read.
 */
export interface Candidate {
  /** Its id, from 0; what a picker returns. */
  readonly worker: number;
  /** Leading blocks of the prompt that lie in its cache. Input `cache`. */
  readonly cachedBlocks: number;
  /** The same in tokens. Input `cache`. */
  readonly cachedTokens: number;
  /** Prompt blocks of its requests, a shared prefix counted once. Input `load`. */
  readonly activeBlocks: number;
  /** Blocks that this request would add to them. Input `load`. */
  readonly additionalBlocks: number;
  /** Prompt tokens of its requests that are still to be prefilled. Input `load`. */
  readonly activePrefillTokens: number;
  /** Requests sent to it that have not ended. Input `load`. */
  readonly activeRequests: number;
  /** Those of them whose first token is not out. Input `load`. */
  readonly waitingRequests: number;
  /** KV blocks that it has. */
  readonly kvBlocks: number;
  /**
   * What the request's preferred taints would multiply a cost by: below 1 it would rather go here,
   * above 1 rather not, 1 where it has no preference.
   */
  readonly preferenceFactor: number;
}

/** The only randomness that a policy may use: a stream of the run's seed. */
export interface PolicyRandom {
  /** A number in [0, 1). */
  float(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
}

/** Workers that stay candidates. One of the two functions, which are asked before any scorer. */
export interface Filter {
  readonly name?: string;
  /** Whether this one stays. */
  readonly keep?: (candidate: Candidate, request: RouteRequest) => boolean;
  /** The same for all at once, in their order: for rules that look at the others. */
  readonly keepAll?: (
    candidates: readonly Candidate[],
    request: RouteRequest,
    random: PolicyRandom,
  ) => readonly boolean[];
}

/**
 * How good a worker would be, as a finite number; higher is better. Scores are multiplied by the
 * weight and added up, so scorers that are weighed against each other should keep to [0, 1]; a
 * cost is a score with a minus.
 */
export interface Scorer {
  readonly name?: string;
  /** A finite number, 1 when absent. */
  readonly weight?: number;
  /** The score of this one. */
  readonly score?: (candidate: Candidate, request: RouteRequest) => number;
  /** The same for all at once, in their order: for scores that look at the others. */
  readonly scoreAll?: (
    candidates: readonly Candidate[],
    request: RouteRequest,
    random: PolicyRandom,
  ) => ArrayLike<number>;
}

/** The greatest sum of scores; among equal ones a draw. */
export interface MaxScorePicker {
  readonly kind: 'max-score';
}

/** Any candidate, whatever its score. */
export interface RandomPicker {
  readonly kind: 'random';
}

/** Each with a chance proportional to its sum of scores; those at 0 and below have none. */
export interface WeightedRandomPicker {
  readonly kind: 'weighted-random';
}

/** Each with a chance proportional to exp(score ÷ (range of the scores × temperature)). */
export interface SoftmaxPicker {
  readonly kind: 'softmax';
  /** Above 0; small values are nearly `max-score`. */
  readonly temperature: number;
}

/** A rule of the user's own. `scores` has the order of `candidates`. */
export interface CustomPicker {
  readonly name?: string;
  /** The `worker` of the chosen candidate. */
  readonly pick: (
    candidates: readonly Candidate[],
    scores: ArrayLike<number>,
    request: RouteRequest,
    random: PolicyRandom,
  ) => number;
}

export type Picker =
  | MaxScorePicker
  | RandomPicker
  | WeightedRandomPicker
  | SoftmaxPicker
  | CustomPicker;

/** What a policy looks at. What it does not name need not be kept for it. */
export type PolicyInput = 'cache' | 'load';

/** How a worker is chosen: filters, then scorers, then the picker. At least one of them. */
export interface Selection {
  readonly filters?: readonly Filter[];
  readonly scorers?: readonly Scorer[];
  /** `max-score` when absent. */
  readonly picker?: Picker;
  /** Both when absent. */
  readonly inputs?: readonly PolicyInput[];
  /** A request goes to this worker: for policies that remember. Pinned requests are told too. */
  readonly routed?: (worker: number, request: RouteRequest) => void;
}

/** What is known of the fleet before the first request. */
export interface FleetFacts {
  readonly workers: number;
  /** Tokens of a block. */
  readonly blockSize: number;
  /** KV blocks of one worker. */
  readonly kvBlocks: number;
}

/** A selection, or a function that makes one for each run: policies that remember need it. */
export type SelectionExport = Selection | ((fleet: FleetFacts) => Selection);
