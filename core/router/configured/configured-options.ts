import { secondsToNs } from '#core/base/time.ts';
import type { PoolRole } from '#core/config/pools.ts';
import type { ResolvedConfig, RouterConfig } from '#core/config/schema.ts';
import type { BusyThresholds } from '../eligibility/overload/thresholds.ts';
import type { RouterOptions } from '../options.ts';
import { profileOfPolicy } from '../queue/classes/profile-of-policy.ts';
import { disaggregationOf } from './disaggregation-options.ts';
import type { RouterHabits } from './router-habits.ts';
import { trackingOptions } from './tracking-options.ts';
import { workerAttributes } from './worker-attributes.ts';

/**
 * What the router in front of a pool is told at its start; `config` is that of the pool.
 * `prefillBudget` are the tokens of a pass of the workers of the prefill pool, 0 where there is none.
 */
export function configuredOptions(
  config: ResolvedConfig,
  role: PoolRole,
  prefillBudget: number,
  habits: RouterHabits,
): RouterOptions {
  const { engine, router } = config;
  const attributes = workerAttributes(config.cluster, engine.data_parallel_size);
  const { router_session_affinity_ttl_secs: affinitySecs } = router;
  const { encoder_cuda_to_cpu_ratio: deviceRatio } = router;
  return {
    mode: router.mode,
    costModel: router.cost_model,
    overlapScoreCredit: router.overlap_score_credit,
    overlapScoreCreditDecay: router.overlap_score_credit_decay,
    prefillLoadScale: router.prefill_load_scale,
    decodeActiveRequestWeight: router.decode_active_request_weight,
    temperature: router.router_temperature,
    queueThreshold: router.router_queue_threshold,
    queuePolicy: router.router_queue_policy,
    trackActiveBlocks: router.router_track_active_blocks,
    trackPrefillTokens: router.router_track_prefill_tokens,
    blockSize: engine.block_size,
    maxNumBatchedTokens: engine.max_num_batched_tokens,
    totalKvBlocks: engine.num_gpu_blocks,
    busyThresholds: busyThresholds(router),
    ...(router.cost_without !== undefined && { costWithout: router.cost_without }),
    ...(attributes !== undefined && { attributes }),
    ...(affinitySecs !== undefined && { sessionAffinityTtlNs: secondsToNs(affinitySecs) }),
    ...(deviceRatio !== undefined && { acceleratorToCpuRatio: deviceRatio }),
    ...queueOptions(config, habits),
    targets: config.cluster.workers * engine.data_parallel_size,
    ...(engine.data_parallel_size > 1 && { ranks: engine.data_parallel_size }),
    ...trackingOptions(config, habits),
    ...(role !== 'aggregated' && { pool: role }),
    ...(role === 'decode' && disaggregationOf(router, prefillBudget)),
  };
}

/** Policy classes, and what becomes of overlaps and leftovers while requests wait. */
function queueOptions(
  { router }: ResolvedConfig,
  { keepsOverlaps, leavesClassEarly }: RouterHabits,
): Partial<RouterOptions> {
  const { router_policy_config: policy, router_policy_model: model } = router;
  const refreshAfterSecs = keepsOverlaps ? 0 : router.router_overlap_refresh_after_secs;
  return {
    ...(policy !== undefined && { classes: profileOfPolicy(policy, model) }),
    ...(leavesClassEarly && { classBursts: false }),
    ...(refreshAfterSecs > 0 && { overlapRefreshAfterNs: secondsToNs(refreshAfterSecs) }),
  };
}

function busyThresholds(router: RouterConfig): BusyThresholds {
  const prefillTokens = router.active_prefill_tokens_threshold;
  const prefillTokensFrac = router.active_prefill_tokens_threshold_frac;
  const decodeBlocks = router.active_decode_blocks_threshold;
  return {
    ...(prefillTokens !== undefined && { activePrefillTokens: prefillTokens }),
    ...(prefillTokensFrac !== undefined && { activePrefillTokensFrac: prefillTokensFrac }),
    ...(decodeBlocks !== undefined && { activeDecodeBlocks: decodeBlocks }),
  };
}
