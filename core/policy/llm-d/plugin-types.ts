import type {
  Filter,
  FleetFacts,
  Picker,
  RouteRequest,
  Scorer,
} from '../../router/policies/pipeline/selection.ts';
import { activeRequest, freeShare, leastFirst, loadAware, tokenLoad } from './load-scorers.ts';
import type { ParameterSpec } from './parameters.ts';
import { affinityFilter, cachedRank, cachedShare } from './prefix-steps.ts';
import { NoHitLru, type RememberingScorer, SessionAffinity } from './remembering-scorers.ts';

/** What a plug-in of a run is; `routed` where it remembers. */
export type Step =
  | { readonly kind: 'filter'; readonly filter: Filter }
  | {
      readonly kind: 'scorer';
      readonly scorer: Scorer;
      readonly routed?: (worker: number, request: RouteRequest) => void;
    }
  | { readonly kind: 'picker'; readonly picker: Picker }
  /** Brings facts that the router has, or runs the one profile that there is. */
  | { readonly kind: 'nothing' };

/** A plug-in type that a policy file may use. */
export interface PluginType {
  readonly parameters: ParameterSpec;
  readonly make: (values: Readonly<Record<string, number>>, fleet: FleetFacts) => Step;
}

const NONE: ParameterSpec = { numbers: {}, unread: [] };

/** How the engine's tokens are counted and its events are heard, which the tunnel need not do. */
const GATHERING = [
  ...['autoTune', 'blockSize', 'blockSizeTokens', 'indexerConfig', 'kvEventsConfig'],
  ...['lruCapacityPerServer', 'mode', 'prefixMatchInfoProducerName', 'speculativeIndexing'],
  ...['speculativeTTL', 'tokenProcessorConfig', 'tokenizersPoolConfig'],
];

const EVER = Number.POSITIVE_INFINITY;

function scorer(one: Scorer): Step {
  return { kind: 'scorer', scorer: one };
}

function remembering(memory: RememberingScorer): Step {
  return {
    kind: 'scorer',
    scorer: { scoreAll: (candidates, request) => memory.scoreAll(candidates, request) },
    routed: (worker, request) => memory.routed(worker, request),
  };
}

function picker(kind: 'max-score' | 'random' | 'weighted-random'): PluginType {
  // More endpoints than one are spares for a gateway whose first choice fails.
  const maxNumOfEndpoints = { standard: 1, least: 1, whole: true } as const;
  return {
    parameters: { numbers: { maxNumOfEndpoints }, unread: [] },
    make: () => ({ kind: 'picker', picker: { kind } }),
  };
}

/** A type that has nothing to do here, whatever it is told. */
function idle(...unread: readonly string[]): PluginType {
  return { parameters: { numbers: {}, unread }, make: () => ({ kind: 'nothing' }) };
}

const SCORERS: Readonly<Record<string, PluginType>> = {
  'queue-scorer': {
    parameters: NONE,
    make: () => scorer({ scoreAll: leastFirst(({ waitingRequests }) => waitingRequests) }),
  },
  'running-requests-size-scorer': {
    parameters: NONE,
    make: () => scorer({ scoreAll: leastFirst((one) => one.activeRequests - one.waitingRequests) }),
  },
  'kv-cache-utilization-scorer': { parameters: NONE, make: () => scorer({ score: freeShare }) },
  'load-aware-scorer': {
    parameters: { numbers: { threshold: { standard: 128, least: 1, whole: true } }, unread: [] },
    make: ({ threshold }) => scorer({ score: loadAware(threshold!) }),
  },
  'active-request-scorer': {
    parameters: {
      numbers: {
        idleThreshold: { standard: 0, least: 0, whole: true },
        maxBusyScore: { standard: 1, least: 0, most: 1 },
      },
      unread: ['requestTimeout'],
    },
    make: ({ idleThreshold, maxBusyScore }) =>
      scorer({ scoreAll: activeRequest(idleThreshold!, maxBusyScore!) }),
  },
  'token-load-scorer': {
    parameters: {
      numbers: { queueThresholdTokens: { standard: 4_194_304, least: 1, whole: true } },
      unread: [],
    },
    make: ({ queueThresholdTokens }, { blockSize }) =>
      scorer({ score: tokenLoad(queueThresholdTokens!, blockSize) }),
  },
  'prefix-cache-scorer': {
    parameters: {
      numbers: { maxPrefixBlocksToMatch: { standard: EVER, least: 1, whole: true } },
      unread: GATHERING,
    },
    make: ({ maxPrefixBlocksToMatch }) => scorer({ score: cachedShare(maxPrefixBlocksToMatch!) }),
  },
  'precise-prefix-cache-scorer': {
    parameters: { numbers: {}, unread: GATHERING },
    make: () => scorer({ scoreAll: cachedRank }),
  },
  'no-hit-lru-scorer': {
    parameters: {
      numbers: { lruSize: { standard: 1024, least: 1, whole: true } },
      unread: ['prefixPluginName', 'prefixPluginType'],
    },
    make: ({ lruSize }) => remembering(new NoHitLru(lruSize!)),
  },
  'session-affinity-scorer': {
    parameters: NONE,
    make: () => remembering(new SessionAffinity()),
  },
};

const FILTERS: Readonly<Record<string, PluginType>> = {
  // It keeps workers without a role, and no worker of the tunnel has one.
  'decode-filter': idle(),
  'prefix-cache-affinity-filter': {
    parameters: {
      numbers: {
        affinityThreshold: { standard: 0.8, least: 0, most: 1 },
        explorationProbability: { standard: 0.01, least: 0, most: 1 },
      },
      // Its gate needs predicted latencies, and stays open without them.
      unread: ['maxTTFTPenaltyMs'],
    },
    make: ({ affinityThreshold, explorationProbability }) => ({
      kind: 'filter',
      filter: { keepAll: affinityFilter(affinityThreshold!, explorationProbability!) },
    }),
  },
};

const OTHERS: Readonly<Record<string, PluginType>> = {
  'max-score-picker': picker('max-score'),
  'random-picker': picker('random'),
  'weighted-random-picker': picker('weighted-random'),
  'single-profile-handler': idle(),
  'metrics-data-source': idle('scheme', 'path', 'insecureSkipVerify'),
  'core-metrics-extractor': idle('defaultEngine', 'engineConfigs'),
  'endpoint-notification-source': idle(),
  'inflight-load-producer': idle(),
  'approx-prefix-cache-producer': idle(...GATHERING, 'maxPrefixBlocksToMatch'),
  'precise-prefix-cache-producer': idle(...GATHERING),
  tokenizer: idle('modelName', 'udsTokenizerConfig', 'vllm'),
  'token-producer': idle('modelName', 'vllm', 'udsTokenizerConfig'),
  'openai-parser': idle(),
};

/** Every type that can be used, by its name. */
export const PLUGIN_TYPES: Readonly<Record<string, PluginType>> = {
  ...SCORERS,
  ...FILTERS,
  ...OTHERS,
};

/** Types that are known and refused, with the reason. */
export const REFUSED_TYPES: Readonly<Record<string, string>> = {
  'by-label': 'workers here have no labels',
  'by-label-selector': 'workers here have no labels',
  'context-length-aware': 'workers here have no labels',
  'data-parallel-profile-handler': 'it chooses ranks behind one endpoint; here each rank is one',
  'disagg-profile-handler': 'it needs workers that only prefill, and there are none',
  'encode-filter': 'it needs workers that only encode, and there are none',
  'latency-scorer': 'it needs predicted latencies, which the router does not have',
  'lora-affinity-scorer': 'requests here name no adapter',
  'pd-profile-handler': 'it needs workers that only prefill, and there are none',
  'prefill-filter': 'it needs workers that only prefill, and there are none',
  'slo-headroom-tier-filter': 'it needs predicted latencies, which the router does not have',
};
