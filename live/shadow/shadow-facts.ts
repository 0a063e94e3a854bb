import type { Ns } from '#core/base/time.ts';

/** A request was sent to an engine. Times are of the router's clock. */
export interface SentFact {
  readonly kind: 'sent';
  /** Names the request, from now on until it has ended. */
  readonly id: number;
  readonly engine: string;
  readonly rank: number;
  readonly atNs: Ns;
  /** How long it waited in the router before. */
  readonly queuedNs: Ns;
  readonly inputTokens: number;
  /** Sequence hashes of the whole blocks of its prompt. */
  readonly hashes: BigUint64Array;
  /** Leading blocks that the engine is known to have cached; 0 where nobody says. */
  readonly knownBlocks: number;
  /** Output tokens that its client expects, 0 = it does not say. */
  readonly outputHint: number;
  /** Most output tokens that it asks for, 0 = it does not say. */
  readonly mostOutputTokens: number;
  readonly task: number;
  readonly priority: number;
  readonly strictPriority: number;
  readonly tenant?: string;
  readonly policyClass?: string;
  /** Whether anybody wants to know what will become of it. */
  readonly wantsForecast: boolean;
}

/** And has ended there; `isWhole`: with all of its answer. */
export interface EndedFact {
  readonly kind: 'ended';
  readonly id: number;
  readonly atNs: Ns;
  readonly generated: number;
  readonly isWhole: boolean;
}

export type ShadowFact = SentFact | EndedFact;

/** What is predicted of a request, from its arrival at the router on. */
export interface Forecast {
  readonly id: number;
  readonly ttftNs: Ns;
  readonly e2eNs: Ns;
}

/** What the model makes of a request in hindsight: how long it took there, and how long it took here. */
export interface Hindsight {
  readonly e2eNs: Ns;
  readonly cameNs: Ns;
}

/** What the thread says of a batch of facts: how many there were, what it predicts, how it looks back. */
export interface ShadowReply {
  readonly handled: number;
  readonly forecasts: readonly Forecast[];
  readonly hindsights: readonly Hindsight[];
}
