import { CONDITIONAL_KEYS } from './conditional-effects.ts';
import type { EffectRule, IneffectiveKey } from './ineffective-key.ts';
import { writes } from './pool-contradictions.ts';
import {
  encodePoolOf,
  isDisaggregated,
  type PoolConfig,
  type PoolRole,
  poolsOf,
  routerKeysOfRole,
} from './pools.ts';
import type { ResolvedConfig } from './schema.ts';

/** What means nothing beside `cluster.pools`, or without. */
export const POOL_RULES: readonly EffectRule[] = [
  {
    paths: ['cluster.workers', 'cluster.gpus_per_worker', 'cluster.groups'],
    idle: ({ cluster }) => cluster.pools !== undefined,
    why: 'each of cluster.pools has its own',
    remedy: 'leave it out, or leave cluster.pools out',
  },
  {
    paths: [
      'kv_transfer.bytes_per_token',
      'kv_transfer.timing_mode',
      'kv_transfer.order',
      'kv_transfer.streaming',
      'kv_transfer.num_layers',
    ],
    idle: (config) => !isDisaggregated(config),
    why: 'no prefill worker hands anything over to a decode worker',
    remedy: 'leave it out, or set cluster.pools with the roles prefill and decode',
  },
  {
    paths: ['kv_transfer.bandwidth_gb_s'],
    idle: (config) =>
      !isDisaggregated(config) && encodePoolOf(config)?.encode.bytes_per_item === undefined,
    why: 'no prefill worker hands anything over to a decode worker, and no embeddings are sent',
    remedy:
      'leave it out, or set cluster.pools with the roles prefill and decode, or with role: encode and encode.bytes_per_item',
  },
  {
    paths: CONDITIONAL_KEYS,
    idle: (config) => !isDisaggregated(config),
    why: 'every worker prefills the prompts of its requests itself',
    remedy: 'leave it out, or set cluster.pools with the roles prefill and decode',
  },
  {
    paths: ['kv_transfer.num_layers'],
    idle: ({ kv_transfer }) => kv_transfer.streaming !== 'layers',
    why: 'nothing is streamed by layers',
    remedy: 'leave it out, or set kv_transfer.streaming to layers',
  },
  {
    paths: ['kv_transfer.timing_mode', 'kv_transfer.streaming'],
    idle: ({ kv_transfer }) => kv_transfer.bytes_per_token === undefined,
    why: 'a transfer takes no time, whatever it moves',
    remedy: 'leave it out, or set kv_transfer.bytes_per_token and kv_transfer.bandwidth_gb_s',
  },
];

interface RoleRule {
  readonly role: PoolRole;
  /** The rule holds for all pools of the role when absent. */
  readonly holds?: (config: ResolvedConfig) => boolean;
  readonly paths: readonly string[];
  readonly why: string;
  readonly remedy: string;
}

/**
 * Whether decode workers do nothing but decode: others compute prompts again after a preemption, take
 * over what they have cached, or are asked for whole requests.
 */
function neverPrefills({ engine, router }: ResolvedConfig): boolean {
  const { backend, capacity_scheduler_policy: capacity } = engine;
  if (router.conditional_disagg_enabled) return false;
  return backend === 'trtllm' && capacity === 'guaranteed_no_evict';
}

const ROLE_RULES: readonly RoleRule[] = [
  {
    role: 'prefill',
    paths: [
      'engine.num_speculative_tokens',
      'engine.speculative_acceptance_rates',
      'engine.decode_speedup_ratio',
      'router.agent_hints_osl',
    ],
    why: 'prefill workers decode nothing',
    remedy: 'leave it out, or set it for the pool with role: decode',
  },
  {
    role: 'prefill',
    paths: [
      'engine.prefill_schedule_interval',
      'engine.prefill_decode_interval',
      'engine.schedule_conservativeness',
      'engine.clip_max_new_tokens',
    ],
    why: 'it weighs prompts against requests that decode, and prefill workers decode nothing',
    remedy: 'leave it out, or set it for the pool with role: decode',
  },
  {
    role: 'decode',
    holds: neverPrefills,
    paths: [
      'engine.enable_prefix_caching',
      'engine.kv_eviction_policy',
      'engine.enable_chunked_prefill',
      'engine.scheduling_policy',
    ],
    why: 'with guaranteed_no_evict decode workers compute no prompt, take none from their cache, and all who have room run',
    remedy: 'leave it out, or set it for the pool with role: prefill',
  },
  {
    role: 'prefill',
    paths: CONDITIONAL_KEYS,
    why: 'it is the router in front of the decode workers that decides where a prompt is prefilled',
    remedy: 'leave it out, or set it for the pool with role: decode',
  },
  {
    role: 'decode',
    holds: ({ router }) => !router.conditional_disagg_enabled,
    paths: [
      'router.kv_event_lag_ms',
      'router.kv_event_loss_ratio',
      'router.kv_event_duplicate_ratio',
    ],
    why: 'decode workers publish no KV events',
    remedy: 'leave it out, or set it for the pool with role: prefill',
  },
];

/** Why a key means nothing to one pool, or undefined. */
type Why = (Pick<IneffectiveKey, 'why' | 'remedy'> & { readonly ofRole?: true }) | undefined;

/**
 * The keys of the sections engine and router, and those that pools have of their own, that change
 * nothing. A key of a section counts where it means something to one pool that does not have its own.
 */
export function idleInPools(
  config: ResolvedConfig,
  rules: readonly EffectRule[],
): readonly IneffectiveKey[] {
  const pools = poolsOf(config);
  const paths = rules.flatMap((rule) => rule.paths);
  for (const { role, config: view } of pools) {
    paths.push(...ROLE_RULES.filter((rule) => rule.role === role).flatMap((rule) => rule.paths));
    paths.push(...routerKeysOfRole(role, view.router).map((key) => `router.${key}`));
  }
  for (const { entry } of pools) {
    paths.push(
      ...Object.keys(entry?.engine ?? {})
        .sort()
        .map((key) => `engine.${key}`),
    );
    paths.push(
      ...Object.keys(entry?.router ?? {})
        .sort()
        .map((key) => `router.${key}`),
    );
  }
  const distinct = paths.filter((path, index) => paths.indexOf(path) === index);
  return distinct.flatMap((path) => idleEntries(config, pools, rules, path));
}

function idleEntries(
  config: ResolvedConfig,
  pools: readonly PoolConfig[],
  rules: readonly EffectRule[],
  path: string,
): readonly IneffectiveKey[] {
  const found: IneffectiveKey[] = [];
  const reasons: Why[] = [];
  for (const pool of pools) {
    const { entry } = pool;
    const why = whyIdle(pool, rules, path);
    if (entry !== undefined && writes(entry, path)) {
      const at = config.cluster.pools!.indexOf(entry);
      if (why !== undefined) found.push({ path: `cluster.pools[${at}].${path}`, ...why });
      reasons.push(OVERRIDDEN);
    } else {
      reasons.push(why ?? decidedByRole(pool, path));
    }
  }
  if (reasons.every((why) => why !== undefined)) {
    // That a role reads no such key is worth saying only where no other pool would have read it.
    const { why, remedy } = reasons.find(({ ofRole }) => ofRole === undefined) ?? reasons[0]!;
    found.push({ path, why, remedy });
  }
  return found;
}

const OVERRIDDEN: Why = {
  why: 'every pool that reads it has its own',
  remedy: 'leave it out, or leave it out of a pool',
};

function whyIdle({ config, role }: PoolConfig, rules: readonly EffectRule[], path: string): Why {
  const ofRole = ROLE_RULES.find(
    (one) => one.role === role && one.paths.includes(path) && one.holds?.(config) !== false,
  );
  if (ofRole !== undefined) return { why: ofRole.why, remedy: ofRole.remedy, ofRole: true };
  const rule = rules.find((one) => one.paths.includes(path) && one.idle(config));
  return rule && { why: rule.why, remedy: rule.remedy };
}

function decidedByRole({ role, config }: PoolConfig, path: string): Why {
  if (!routerKeysOfRole(role, config.router).some((key) => path === `router.${key}`)) {
    return undefined;
  }
  return {
    why: `the router in front of ${role} workers has its own`,
    remedy: 'leave it out, or set it in the router of a pool',
  };
}
