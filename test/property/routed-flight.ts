import * as fc from 'fast-check';
import type { TraceRouting } from '#traces/routing.ts';
import type { HandRow } from '../reference/hand-trace.ts';
import { flightArbitrary, type RandomFlight } from './random-flight.ts';

const routing: fc.Arbitrary<TraceRouting> = fc.constantFrom<TraceRouting[]>(
  { requiredTaints: ['a'] },
  { requiredTaints: ['b'] },
  { preferredTaints: { a: 0.5 } },
  { loraName: 'sql' },
  { backendInstanceId: 0, dpRank: 0 },
  { backendInstanceId: 1, dpRank: 0, requiredTaints: ['a'] },
  { override: { routerTemperature: 0.5, overlapScoreCredit: 0.5 } },
  { override: { overlapScoreWeight: 0 }, requiredTaints: ['a'] },
  { override: { assumeKvReuse: false, trackPrefillTokens: false, prefillLoadScale: 2 } },
);

/** What a request says of itself; most say nothing. */
const wish: fc.Arbitrary<Partial<HandRow>> = fc.record(
  {
    routing,
    policyClass: fc.constantFrom('vip', 'bulk', 'unheard-of'),
    tenant: fc.constantFrom('bulk', 'acme'),
    priority: fc.constantFrom(1, 5),
  },
  { requiredKeys: [] },
);

/** A class that is asked for by its name, and two families, one of which takes few. */
const CLASSES = {
  default_policy_family: 'standard',
  uncached_isl_buckets: [{ min_tokens: 0, bucket: 'all' }],
  policy_classes: [
    { name: 'vip', quantum: 40, queue_policy: 'lcfs' },
    {
      name: 'std',
      policy_family: 'standard',
      cache_bucket: 'all',
      quantum: 10,
      prefill_busy_threshold: 8,
      request_queue_limit_per_worker: 2,
    },
    { name: 'rest', policy_family: 'bulk', cache_bucket: 'all', quantum: 5, queue_policy: 'wspt' },
  ],
};

const choices = fc.record({
  mode: fc.constantFrom(undefined, undefined, undefined, 'direct', 'device_aware_weighted'),
  classes: fc.boolean(),
  affinityTtlSecs: fc.constantFrom(undefined, 1),
  prefillTokens: fc.constantFrom(undefined, undefined, 10, 40),
  decodeBlocks: fc.constantFrom(undefined, undefined, 0.5),
});

interface Choices {
  readonly mode: string | undefined;
  readonly classes: boolean;
  readonly affinityTtlSecs: number | undefined;
  readonly prefillTokens: number | undefined;
  readonly decodeBlocks: number | undefined;
}

/** The settings of a router with the choices laid over them, where they have an effect. */
function routerOf(
  drawn: Readonly<Record<string, unknown>>,
  { mode, classes, affinityTtlSecs, prefillTokens, decodeBlocks }: Choices,
): Record<string, unknown> {
  const router = mode === undefined ? drawn : { mode };
  const { router_queue_threshold, router_queue_policy, ...withoutQueue } = router;
  const isKv = router.mode === 'kv_router';
  return {
    ...(isKv && classes ? { ...withoutQueue, router_policy_config: CLASSES } : router),
    ...(affinityTtlSecs !== undefined && { router_session_affinity_ttl_secs: affinityTtlSecs }),
    ...(isKv && prefillTokens !== undefined && { active_prefill_tokens_threshold: prefillTokens }),
    ...(decodeBlocks !== undefined && { active_decode_blocks_threshold: decodeBlocks }),
  };
}

/**
 * Flights that use all that the router can be told: requests that ask for workers, classes and
 * settings of their own; workers that differ; sessions that stay; workers that are overloaded.
 */
export function routedFlightArbitrary(timingTypes: readonly string[]): fc.Arbitrary<RandomFlight> {
  const wishes = fc.array(wish, { minLength: 25, maxLength: 25 });
  return fc
    .tuple(flightArbitrary(timingTypes), wishes, choices)
    .map(([{ config, rows }, asked, chosen]): RandomFlight => {
      const { workers } = config.cluster as { workers: number };
      const byDevice = chosen.mode === 'device_aware_weighted' && { device: 'cpu' };
      const others = { count: workers - 1, lora_adapters: ['sql'], ...byDevice };
      const groups = [{ count: 1, taints: ['a'] }, ...(workers === 1 ? [] : [others])];
      const router = routerOf(config.router as Record<string, unknown>, chosen);
      return {
        config: { ...config, cluster: { workers, groups }, router },
        rows: rows.map((row, index) => ({ ...row, ...asked[index] })),
      };
    });
}
