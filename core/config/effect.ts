import { CONDITIONAL_RULES } from './conditional-effects.ts';
import { ENGINE_RULES } from './engine-effects.ts';
import type { EffectRule, IneffectiveKey } from './ineffective-key.ts';
import { childValue, isRecord } from './key-schema.ts';
import { configKeys } from './keys.ts';
import { idlePoolGpus, MODEL_RULES } from './model-effects.ts';
import { NETWORK_RULES } from './network-effects.ts';
import { idleInPools, POOL_RULES } from './pool-effects.ts';
import { hasQueue } from './router-queue.ts';
import type { ResolvedConfig } from './schema.ts';
import { idleTenantHints } from './tenant-hints.ts';
import { WORKLOAD_RULES } from './workload-effects.ts';

const USER_POLICY = ['router.policy', 'router.policy_sha256'];

/** What every mode reads; all other keys of the router belong to the KV router. */
const OF_EVERY_MODE = [
  'router.mode',
  'router.active_decode_blocks_threshold',
  'router.router_session_affinity_ttl_secs',
  'router.encoder_cuda_to_cpu_ratio',
  ...USER_POLICY,
];

const routerKnobs = configKeys()
  .map((key) => key.path)
  .filter((path) => path.startsWith('router.') && !OF_EVERY_MODE.includes(path));

/** What the built-in cost reads, and no policy of a user. */
const costKnobs = routerKnobs
  .filter((path) => /cost|overlap|scale|weight|temperature/.test(path))
  .filter((path) => !path.includes('refresh'));

const ROUTER_RULES: readonly EffectRule[] = [
  {
    paths: ['router.encoder_cuda_to_cpu_ratio'],
    idle: ({ router }) => router.mode !== 'device_aware_weighted',
    why: 'only the mode device_aware_weighted reads it',
    remedy: 'leave it out, or set router.mode to device_aware_weighted',
  },
  {
    paths: USER_POLICY,
    idle: ({ router, engine }) =>
      router.mode !== 'policy' &&
      router.router_queue_policy !== 'policy' &&
      router.conditional_disagg_policy !== 'policy' &&
      engine.kv_eviction_policy !== 'policy',
    why: 'no policy of the file is used',
    remedy: 'leave it out, or set router.mode to policy',
  },
  {
    paths: routerKnobs,
    idle: ({ router }) => router.mode !== 'kv_router' && router.mode !== 'policy',
    why: 'only the KV router reads it',
    remedy: 'leave it out, or set router.mode to kv_router',
  },
  {
    paths: costKnobs,
    idle: ({ router }) => router.mode === 'policy',
    why: 'the selection of the policy file decides, and does not read it',
    remedy: 'leave it out, or set router.mode to kv_router',
  },
  {
    paths: ['router.router_queue_threshold', 'router.router_queue_policy'],
    idle: ({ router }) => router.router_policy_config !== undefined,
    why: 'each policy class has its own',
    remedy: 'leave it out, or leave router.router_policy_config out',
  },
  {
    paths: ['router.router_policy_model'],
    idle: ({ router }) => router.router_policy_config === undefined,
    why: 'there is no policy file to choose from',
    remedy: 'leave it out, or set router.router_policy_config',
  },
  {
    paths: ['router.router_overlap_refresh_after_secs'],
    idle: ({ compat }) => compat === 'dynamo-1.6',
    why: "that release's replay never looks a request up again",
    remedy: 'leave it out, or set compat to none',
  },
  {
    paths: ['router.router_overlap_refresh_after_secs'],
    idle: (config) => !hasQueue(config),
    why: 'nobody ever waits in the router',
    remedy: 'leave it out, or set router.router_queue_threshold or router.router_policy_config',
  },
  {
    paths: ['router.router_queue_policy'],
    idle: ({ router }) => router.router_queue_threshold === undefined,
    why: 'the router has no queue to order',
    remedy: 'leave it out, or set router.router_queue_threshold',
  },
  {
    paths: [
      'router.overlap_score_credit',
      'router.overlap_score_credit_decay',
      'router.decode_active_request_weight',
      'router.cost_without',
    ],
    idle: ({ router }) => router.cost_model === 'v1.0',
    why: 'the cost model v1.0 does not know it',
    remedy: 'leave it out, or set router.cost_model to current',
  },
  {
    paths: ['router.cost_without'],
    idle: ({ router }) => {
      const { cost_without: term, router_track_active_blocks: tracksBlocks } = router;
      if (term === 'active_blocks') return !tracksBlocks;
      return !router.router_track_prefill_tokens || router.prefill_load_scale === 0;
    },
    why: 'the cost has no such term',
    remedy: 'leave it out, or track what it names',
  },
  {
    paths: ['router.overlap_score_credit_decay'],
    idle: ({ router }) => router.overlap_score_credit === 0,
    why: 'there is no credit left to shrink',
    remedy: 'leave it out, or raise router.overlap_score_credit above 0',
  },
  {
    paths: ['router.overlap_score_credit_decay'],
    idle: ({ router }) => !router.router_track_prefill_tokens,
    why: 'the credit shrinks with prefill tokens, which are not tracked',
    remedy: 'leave it out, or set router.router_track_prefill_tokens to true',
  },
  {
    paths: [
      'router.router_queue_threshold',
      'router.router_queue_policy',
      'router.router_policy_config',
      'router.router_overlap_refresh_after_secs',
    ],
    idle: ({ router }) => !router.router_track_prefill_tokens,
    why: 'a worker is busy by its prefill tokens, which are not tracked',
    remedy: 'leave it out, or set router.router_track_prefill_tokens to true',
  },
  {
    paths: [
      'router.active_prefill_tokens_threshold',
      'router.active_prefill_tokens_threshold_frac',
    ],
    idle: ({ router }) => !router.router_track_prefill_tokens,
    why: 'prefill tokens are not tracked',
    remedy: 'leave it out, or set router.router_track_prefill_tokens to true',
  },
  {
    paths: [
      'router.overlap_score_credit',
      'router.overlap_score_credit_decay',
      'router.kv_event_lag_ms',
      'router.kv_event_loss_ratio',
      'router.kv_event_duplicate_ratio',
      'router.router_overlap_refresh_after_secs',
    ],
    idle: ({ engine }) => !engine.enable_prefix_caching,
    why: 'without prefix caching no worker has blocks to be found',
    remedy: 'leave it out, or set engine.enable_prefix_caching to true',
  },
];

const TRACKING_RULES: readonly EffectRule[] = [
  {
    paths: ['router.router_track_output_blocks', 'router.router_assume_kv_reuse'],
    idle: ({ router }) => !router.router_track_active_blocks,
    why: 'blocks of requests under way are not tracked',
    remedy: 'leave it out, or set router.router_track_active_blocks to true',
  },
  {
    paths: ['router.agent_hints_osl'],
    idle: ({ router }) => !router.router_track_output_blocks || !router.router_track_active_blocks,
    why: 'the router only reads the hint where it tracks output blocks',
    remedy: 'leave it out, or set router.router_track_output_blocks to true',
  },
  {
    paths: ['router.router_prefill_load_model'],
    idle: ({ router }) => !router.router_track_prefill_tokens,
    why: 'prefill tokens are not tracked',
    remedy: 'leave it out, or set router.router_track_prefill_tokens to true',
  },
  {
    paths: ['router.router_active_request_expiry_secs'],
    idle: ({ compat }) => compat === 'dynamo-1.6',
    why: "in Dynamo's replay requests do not expire",
    remedy: 'leave it out, or set compat to none',
  },
  {
    paths: ['router.router_approximate_cache_policy', 'router.router_ttl_secs'],
    idle: ({ router }) => router.use_kv_events,
    why: 'the router believes KV events',
    remedy: 'leave it out, or set router.use_kv_events to false',
  },
  {
    paths: ['router.router_ttl_secs'],
    idle: ({ router }) => router.router_approximate_cache_policy === 'lru',
    why: 'the policy lru forgets by size',
    remedy: 'leave it out, or set router.router_approximate_cache_policy to ttl',
  },
  {
    paths: [
      'router.router_predicted_ttl_secs',
      'router.kv_event_lag_ms',
      'router.kv_event_loss_ratio',
      'router.kv_event_duplicate_ratio',
    ],
    idle: ({ router }) => !router.use_kv_events,
    why: 'the router has no KV events',
    remedy: 'leave it out, or set router.use_kv_events to true',
  },
];

/** Of the sections that pools may have their own of. */
const POOLED_RULES = [...ROUTER_RULES, ...CONDITIONAL_RULES, ...TRACKING_RULES, ...ENGINE_RULES];

/** The keys that change nothing in a run of this config, each once, in the order of the rules. */
export function ineffectiveKeys(config: ResolvedConfig): readonly IneffectiveKey[] {
  const pooled =
    config.cluster.pools === undefined
      ? idleKeys(POOLED_RULES, config)
      : idleInPools(config, POOLED_RULES);
  const rest = idleKeys(
    [...POOL_RULES, ...MODEL_RULES, ...NETWORK_RULES, ...WORKLOAD_RULES],
    config,
  );
  const told = new Set(rest.map(({ path }) => path));
  return [
    ...pooled.filter(({ path }) => !told.has(path)),
    ...rest,
    ...idlePoolGpus(config),
    ...idleTenantHints(config),
  ];
}

function idleKeys(rules: readonly EffectRule[], config: ResolvedConfig): readonly IneffectiveKey[] {
  const found: IneffectiveKey[] = [];
  for (const { paths, idle, why, remedy } of rules) {
    if (!idle(config)) continue;
    for (const path of paths) {
      if (!found.some((key) => key.path === path)) found.push({ path, why, remedy });
    }
  }
  return found;
}

/**
 * The config as it may be written to a file or a report: complete, but without the keys that change
 * nothing, since a reader would take them for choices and `resolveConfig` would refuse them.
 */
export function writableConfig(config: ResolvedConfig): Readonly<Record<string, unknown>> {
  const idle = new Set(ineffectiveKeys(config).map((key) => key.path));
  const sections = Object.entries(config).flatMap(([name, section]): [string, unknown][] => {
    const kept = withoutIdle(section, name, idle);
    // A section of which nothing counts is no part of this run.
    return isEmpty(kept) && !isEmpty(section) ? [] : [[name, kept]];
  });
  return Object.fromEntries(sections);
}

/** A value at `path`; a mapping, or the mappings of the pools, without the keys in it that are idle. */
function withoutIdle(value: unknown, path: string, idle: ReadonlySet<string>): unknown {
  if (path === 'cluster.pools' && Array.isArray(value)) {
    return value.map((pool: unknown, at) => withoutIdle(pool, `${path}[${at}]`, idle));
  }
  if (!isRecord(value)) return value;
  const kept = Object.keys(value).filter((key) => !idle.has(`${path}.${key}`));
  return Object.fromEntries(
    kept.map((key) => [key, withoutIdle(childValue(value, key), `${path}.${key}`, idle)]),
  );
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).sort().length === 0;
}
