import type { EngineBackend } from '#core/config/serve/engine-list.ts';
import type { JsonObject } from '#live/bytes/json-object.ts';
import type { JsonEdits } from '#live/bytes/splice.ts';
import type { EngineSettings } from './engine-settings.ts';
import type { LoadNames } from './load-names.ts';

/** What a request asks of whichever engine gets it, in the words of `nvext`. */
export interface EngineHints {
  /** Higher is sooner, whatever the engine's own direction. */
  readonly priority?: number;
  /** Keeps the KV cache of one tenant apart from another's. */
  readonly cacheSalt?: string;
}

/** Where the two legs of a request go whose prompt is computed by one engine and answered by another. */
export interface LegPair {
  readonly prefill: Leg;
  /** Prompts in the request, where it brings a list of them. */
  readonly batch?: number;
}

export interface Leg {
  readonly url: string;
  readonly rank: number;
  readonly dpSize: number;
  readonly settings: EngineSettings;
}

/** What the two legs agree on before either is sent, to be added to both; nothing for most engines. */
export type Rendezvous = JsonEdits;

/**
 * How the KV cache goes from the engine that computes the prompt to the one that answers. What the
 * first says of it is passed on byte for byte.
 */
export interface HandOff {
  /** first: the answer of the prefill leg is needed for the decode leg; together: both start at once. */
  readonly order: 'first' | 'together';
  rendezvous(pair: LegPair): Rendezvous;
  prefillBody(body: JsonObject, rendezvous: Rendezvous): Buffer;
  /**
   * The body of the decode leg; `reply` is the whole answer of a prefill leg that came first.
   * Undefined where that answer hands nothing over, so that the engine computes the prompt itself.
   */
  decodeBody(body: JsonObject, rendezvous: Rendezvous, reply?: Buffer): Buffer | undefined;
}

/** How engines of one kind are spoken to. */
export interface EngineAdapter {
  readonly backend: EngineBackend;
  /** Header that pins a data-parallel rank; undefined where there is none. */
  readonly rankHeader?: string;
  /** What the hints change in the body. */
  hintEdits(hints: EngineHints, settings: EngineSettings): JsonEdits;
  /** Undefined where KV caches cannot be handed over. */
  readonly handOff?: HandOff;
  /** Whether generated token ids are told on request, so that another engine can go on from them. */
  readonly tellsTokenIds: boolean;
  /** Path of the metrics, and what they are called there; undefined where there are none. */
  readonly metrics?: { readonly path: string; readonly names: LoadNames };
}
