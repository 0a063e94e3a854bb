/**
 * What requests ask for beyond the cheapest target. Most ask for nothing and have no terms at all.
 * The router is told of terms once and knows them by a dense id, which any number of requests share.
 */
export interface RouteTerms {
  /** Only targets of these workers may be chosen; any when absent. */
  readonly allowedWorkers?: readonly number[];
  /** Targets of these workers may not be chosen: they failed this request before. */
  readonly excludedWorkers?: readonly number[];
  /** Taints that a target must have, topology domains among them. */
  readonly requiredTaints?: readonly string[];
  /** Taints that make a target cheaper, with their weights; a negative weight makes it dearer. */
  readonly preferredTaints?: Readonly<Record<string, number>>;
  /** The LoRA adapter that the request needs: workers that hold it are preferred strictly. */
  readonly loraAdapter?: string;
  /** Workers that hold all embeddings of the request, for the device-aware mode. */
  readonly embeddingHolders?: readonly number[];
  readonly overrides?: RouteOverrides;
}

/** Settings of the KV mode that one request may change for itself. */
export interface RouteOverrides {
  readonly overlapScoreCredit?: number;
  readonly prefillLoadScale?: number;
  readonly temperature?: number;
  readonly sharedCacheMultiplier?: number;
  readonly trackPrefillTokens?: boolean;
  /** False: the request's blocks count as its own, shared with nobody. */
  readonly assumeKvReuse?: boolean;
  /** The old name: sets the prefill load scale, and at 0 the credit to 0 as well. */
  readonly overlapScoreWeight?: number;
}
