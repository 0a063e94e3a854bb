import type { EffectRule } from './ineffective-key.ts';
import { MODELLED_ENGINE_RULES } from './model-effects.ts';
import { hasQueue } from './router-queue.ts';
import type { ResolvedConfig } from './schema.ts';

/** Whether a router reads the token budget of a pass, whatever the engine. */
function routerReadsBudget(config: ResolvedConfig): boolean {
  const { active_prefill_tokens_threshold_frac: share } = config.router;
  return isRouted(config) && (hasQueue(config) || share !== undefined);
}

function isRouted({ router }: ResolvedConfig): boolean {
  return router.mode === 'kv_router' || router.mode === 'policy';
}

/** What one backend has and another does not. */
const BACKEND_RULES: readonly EffectRule[] = [
  {
    paths: ['engine.capacity_scheduler_policy'],
    idle: ({ engine }) => engine.backend !== 'trtllm',
    why: 'only TensorRT-LLM has it',
    remedy: 'leave it out, or set engine.backend to trtllm',
  },
  {
    paths: ['engine.prefill_schedule_interval'],
    idle: ({ engine }) => engine.backend !== 'vllm',
    why: 'only vLLM has it',
    remedy:
      'leave it out, or set engine.backend to vllm; SGLang has engine.prefill_decode_interval',
  },
  {
    paths: ['engine.scheduling_policy'],
    idle: ({ engine }) => engine.backend === 'sglang',
    why: 'the order of SGLang is engine.schedule_policy',
    remedy: 'leave it out, or set engine.backend to vllm or trtllm',
  },
  {
    paths: [
      'engine.chunked_prefill_size',
      'engine.max_prefill_tokens',
      'engine.schedule_policy',
      'engine.schedule_conservativeness',
      'engine.clip_max_new_tokens',
      'engine.prefill_decode_interval',
    ],
    idle: ({ engine }) => engine.backend !== 'sglang',
    why: 'only SGLang has it',
    remedy: 'leave it out, or set engine.backend to sglang',
  },
  {
    paths: ['engine.enable_chunked_prefill', 'engine.preemption_mode'],
    idle: ({ engine }) => engine.backend === 'sglang',
    why: 'SGLang always chunks and retracts who has generated least',
    remedy: 'leave it out, or set engine.backend to vllm',
  },
  {
    paths: ['engine.max_num_batched_tokens'],
    idle: (config) => config.engine.backend === 'sglang' && !routerReadsBudget(config),
    why: 'the passes of SGLang go by engine.chunked_prefill_size',
    remedy: 'leave it out, or set engine.chunked_prefill_size',
  },
];

/** What means nothing beside other settings of the engine. */
const SETTING_RULES: readonly EffectRule[] = [
  {
    paths: ['engine.preemption_mode'],
    idle: ({ engine }) => engine.backend === 'vllm' && engine.scheduling_policy === 'priority',
    why: 'with priorities the running request of lowest priority gives way',
    remedy: 'leave it out, or set engine.scheduling_policy to fcfs',
  },
  {
    paths: ['engine.async_scheduling'],
    idle: ({ engine }) =>
      engine.host_overhead_ms === 0 && engine.host_overhead_per_request_us === 0,
    why: 'the host takes no time that could overlap',
    remedy: 'leave it out, or set engine.host_overhead_ms',
  },
  {
    paths: ['engine.preemption_mode'],
    idle: ({ engine }) =>
      engine.backend === 'trtllm' && engine.capacity_scheduler_policy === 'guaranteed_no_evict',
    why: 'with guaranteed_no_evict nobody gives way',
    remedy: 'leave it out, or set engine.capacity_scheduler_policy to max_utilization',
  },
  {
    paths: ['engine.speculative_acceptance_rates'],
    idle: ({ engine }) => engine.num_speculative_tokens === undefined,
    why: 'nothing is drafted',
    remedy: 'leave it out, or set engine.num_speculative_tokens',
  },
  {
    paths: ['engine.stream_interval'],
    idle: ({ engine }) => engine.num_speculative_tokens !== undefined,
    why: 'with speculation each pass sends the tokens that it accepts, as one group',
    remedy: 'leave it out, or leave engine.num_speculative_tokens out',
  },
  {
    paths: ['engine.stepping'],
    idle: ({ engine }) => engine.num_speculative_tokens !== undefined && engine.stepping === 'leap',
    why: 'with speculation every pass is stepped, since each draws which drafts are accepted',
    remedy: 'leave it out, or set it to exact',
  },
  {
    paths: ['engine.kv_eviction_policy'],
    idle: ({ engine }) => !engine.enable_prefix_caching,
    why: 'without prefix caching no block stays to be evicted',
    remedy: 'leave it out, or set engine.enable_prefix_caching to true',
  },
];

/** Keys of the engine that mean nothing beside others. */
export const ENGINE_RULES: readonly EffectRule[] = [
  ...BACKEND_RULES,
  ...SETTING_RULES,
  ...MODELLED_ENGINE_RULES,
];
