import type { Ns } from '#core/base/time.ts';
import type { EngineEndpoint, RouteAsk } from './route-ask.ts';

/** A request as it is sent to an engine. */
export interface SentRequest {
  readonly ask: RouteAsk;
  readonly engine: EngineEndpoint;
  readonly rank: number;
  /** Leading blocks of its prompt that the router takes for cached there, −1 = it does not know. */
  readonly overlapBlocks: number;
  /** How long it waited in the router. */
  readonly queuedNs: Ns;
  readonly atNs: Ns;
}

/** Hears of one request that was sent. */
export interface SentWatch {
  /** So many tokens have been generated in all; the first time with the first of them. */
  progress(generatedTokens: number): void;
  /** It has ended; `isWhole`: with all of its answer. */
  ended(isWhole: boolean): void;
}

/** Looks on while requests are sent to engines, and decides nothing. It must not throw. */
export interface PlacementWatch {
  /** Undefined where it does not want to hear more of it. */
  sent(request: SentRequest): SentWatch | undefined;
}
