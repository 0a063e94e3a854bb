import type { EffectRule, IneffectiveKey } from './ineffective-key.ts';
import { writes } from './pool-contradictions.ts';
import {
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
      'kv_transfer.bandwidth_gb_s',
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
  readonly paths: readonly string[];
  readonly why: string;
  readonly remedy: string;
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
    role: 'decode',
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
type Why = Pick<IneffectiveKey, 'why' | 'remedy'> | undefined;

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
  for (const { role } of pools) {
    paths.push(...ROLE_RULES.filter((rule) => rule.role === role).flatMap((rule) => rule.paths));
    paths.push(...routerKeysOfRole(role).map((key) => `router.${key}`));
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
  const [first] = reasons;
  if (first !== undefined && reasons.every((why) => why !== undefined)) {
    found.push({ path, ...first });
  }
  return found;
}

const OVERRIDDEN: Why = {
  why: 'every pool that reads it has its own',
  remedy: 'leave it out, or leave it out of a pool',
};

function whyIdle({ config, role }: PoolConfig, rules: readonly EffectRule[], path: string): Why {
  const rule =
    ROLE_RULES.find((one) => one.role === role && one.paths.includes(path)) ??
    rules.find((one) => one.paths.includes(path) && one.idle(config));
  return rule && { why: rule.why, remedy: rule.remedy };
}

function decidedByRole({ role }: PoolConfig, path: string): Why {
  if (!routerKeysOfRole(role).some((key) => path === `router.${key}`)) return undefined;
  return {
    why: `the router in front of ${role} workers has its own`,
    remedy: 'leave it out, or set it in the router of a pool',
  };
}
