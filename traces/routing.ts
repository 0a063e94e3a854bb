/** What a row asks of the router beyond the cheapest worker; rows that ask alike share an object. */
export interface TraceRouting {
  readonly requiredTaints?: readonly string[];
  readonly preferredTaints?: Readonly<Record<string, number>>;
  readonly loraName?: string;
  /** The only worker that may serve the request, and its rank where it has several. */
  readonly backendInstanceId?: number;
  readonly dpRank?: number;
  /** Workers that may serve the request; all when absent, none when empty. */
  readonly allowedWorkers?: readonly number[];
  /** Workers that may not. */
  readonly excludedWorkers?: readonly number[];
  /** Workers that hold all embeddings of the request, for mode device_aware_weighted. */
  readonly embeddingHolders?: readonly number[];
  readonly override?: TraceOverride;
}

/** Router settings that a row changes for itself. */
export interface TraceOverride {
  readonly overlapScoreCredit?: number;
  readonly overlapScoreWeight?: number;
  readonly prefillLoadScale?: number;
  readonly routerTemperature?: number;
  readonly trackPrefillTokens?: boolean;
  readonly assumeKvReuse?: boolean;
}

/** The keys of a Mooncake row that speak of routing, by the field that they fill. */
export const ROUTING_KEYS = {
  requiredTaints: 'required_taints',
  preferredTaints: 'preferred_taints',
  loraName: 'lora_name',
  backendInstanceId: 'backend_instance_id',
  dpRank: 'dp_rank',
  allowedWorkers: 'allowed_workers',
  excludedWorkers: 'excluded_workers',
  embeddingHolders: 'embedding_holders',
  override: 'router_config_override',
} as const satisfies Record<keyof TraceRouting, string>;

/** The keys inside `router_config_override`. */
export const OVERRIDE_KEYS = {
  overlapScoreCredit: 'overlap_score_credit',
  overlapScoreWeight: 'overlap_score_weight',
  prefillLoadScale: 'prefill_load_scale',
  routerTemperature: 'router_temperature',
  trackPrefillTokens: 'track_prefill_tokens',
  assumeKvReuse: 'assume_kv_reuse',
} as const satisfies Record<keyof TraceOverride, string>;

/** The keys of a row that say the same as `routing`, for whoever writes rows. */
export function routingRow(routing: TraceRouting): Readonly<Record<string, unknown>> {
  const { override, ...rest } = routing;
  return {
    ...renamed(rest, ROUTING_KEYS),
    ...(override !== undefined && { [ROUTING_KEYS.override]: renamed(override, OVERRIDE_KEYS) }),
  };
}

function renamed(fields: object, names: Readonly<Record<string, string>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [names[field], value]));
}
