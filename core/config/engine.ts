import { z } from 'zod';
import { count, describe, duration, ratio } from './describe.ts';
import { formatKeys, kernelKeys, layoutKeys, measuredKeys } from './engine-model.ts';
import { timingSchema } from './timing.ts';

const parallelism = {
  data_parallel_size: describe(count().max(1024).default(1), {
    effect:
      'Ranks of a worker with data-parallel attention. Each has a scheduler and a KV cache of its own and is a target for the router; a pass of all ends with the slowest.',
    unit: 'ranks',
    source: 'vLLM --data-parallel-size',
  }),
};

const capacity = {
  block_size: describe(count().default(64), {
    effect:
      'Tokens in one KV block, the unit of caching and of routing; a page of SGLang, which alone can have pages of one token.',
    unit: 'tokens',
    source: 'vLLM --block-size, SGLang --page-size',
  }),
  num_gpu_blocks: describe(z.union([count(), z.literal('auto')]).default(16384), {
    effect:
      'KV blocks that one worker holds in GPU memory. With engine.timing.type model it is auto unless you write it: as many as weights and activations leave room for. Layers with a sliding window then take what vLLM keeps of a request of max_model_len tokens; without it, and in other engines, all of it.',
    unit: 'blocks',
    source: 'vLLM --num-gpu-blocks-override',
  }),
  max_num_seqs: describe(count().default(256), {
    effect: 'Most requests that one worker runs at a time; the rest wait in its queue.',
    unit: 'requests',
    source: 'vLLM --max-num-seqs',
  }),
  max_num_batched_tokens: describe(count().default(8192), {
    effect:
      'Most tokens that one forward pass computes, prefill and decode together; with SGLang only the router reads it.',
    unit: 'tokens',
    source: 'vLLM --max-num-batched-tokens',
  }),
  max_model_len: describe(count(2).exactOptional(), {
    effect: 'Most tokens of a request: longer prompts are rejected, longer outputs cut off.',
    unit: 'tokens',
    source: 'vLLM --max-model-len',
    whenAbsent: 'no limit',
  }),
};

const behaviour = {
  enable_prefix_caching: describe(z.boolean().default(true), {
    effect: 'Keep the KV blocks of finished requests for prompts that begin alike.',
    source: 'vLLM --enable-prefix-caching',
  }),
  enable_chunked_prefill: describe(z.boolean().default(true), {
    effect: 'Let a prompt fill what is left of a pass and go on in the next one.',
    source: 'vLLM --enable-chunked-prefill',
  }),
  scheduling_policy: describe(z.enum(['fcfs', 'priority']).default('fcfs'), {
    effect:
      'Who comes in first: who came first, or whose priority in the trace is higher. With vLLM the running request of lowest priority then gives way, too, when memory is short; strict_priority is for the router alone.',
    source: 'vLLM --scheduling-policy, TensorRT-LLM waiting_queue_policy',
  }),
  stream_interval: describe(count().max(1024).default(1), {
    effect:
      'Tokens that the server sends together: the first of a request at once, then groups of so many, and what is left at its end. Clients see longer gaps, and several tokens at one moment; TTFT, TPOT and E2E stay.',
    unit: 'tokens',
    source: 'vLLM --stream-interval, SGLang --stream-interval, TensorRT-LLM stream_interval',
  }),
  prefill_schedule_interval: describe(count().default(1), {
    effect:
      'vLLM computes prompts in every pass of this number only, while somebody decodes and no more prompts wait than such a pass takes. Ranks of a worker count together; a request with a token or less to compute need not wait.',
    unit: 'passes',
    source: 'vLLM --prefill-schedule-interval',
  }),
  preemption_mode: describe(z.enum(['lifo', 'fifo']).default('lifo'), {
    effect:
      'Who gives up its blocks when memory is short: the newest running request or the oldest.',
    source: 'Dynamo mocker preemption_mode',
  }),
  capacity_scheduler_policy: describe(
    z.enum(['guaranteed_no_evict', 'max_utilization']).default('guaranteed_no_evict'),
    {
      effect:
        'Who comes in: requests whose whole output is sure to fit, so that nobody ever gives way, or as many as fit now, who may be paused when memory runs short.',
      source: 'TensorRT-LLM capacity_scheduler_policy',
    },
  ),
  kv_eviction_policy: describe(z.enum(['lru', 'fifo', 'multi_lru', 'policy']).default('lru'), {
    effect:
      'Which cached block goes first: the one unused for longest, the one cached first, one that was hit seldom, or as router.policy says.',
    source: 'Dynamo mocker kv_eviction_policy',
  }),
};

const sglang = {
  chunked_prefill_size: describe(count().default(8192), {
    effect:
      'Most prompt tokens that one prefill pass of SGLang computes; a longer prompt goes on in the next one. Whole pages; ranks share it.',
    unit: 'tokens',
    source: 'SGLang --chunked-prefill-size',
  }),
  max_prefill_tokens: describe(count().default(16384), {
    effect:
      'Prompt tokens from which no further request joins a prefill pass of SGLang; the first always does.',
    unit: 'tokens',
    source: 'SGLang --max-prefill-tokens',
  }),
  schedule_policy: describe(z.enum(['fcfs', 'lpm']).default('fcfs'), {
    effect:
      'Who comes in first: who came first, or, while at most 128 wait, who has the longest cached prefix.',
    source: 'SGLang --schedule-policy',
  }),
  schedule_conservativeness: describe(ratio().default(1), {
    effect:
      'Share of their output for which SGLang keeps room when others come in, relative to its own 0.7: lower admits more and retracts more. 0.3 of it counts with several ranks.',
    unit: '×',
    source: 'SGLang --schedule-conservativeness',
  }),
  clip_max_new_tokens: describe(count().default(4096), {
    effect: 'Output tokens of a request for which SGLang keeps room at most when it admits.',
    unit: 'tokens',
    source: 'SGLang SGLANG_CLIP_MAX_NEW_TOKENS_ESTIMATION',
  }),
  prefill_decode_interval: describe(count(0).default(0), {
    effect: 'Passes of decode that SGLang makes after each of prefill, while anybody decodes.',
    unit: 'passes',
    source: 'Dynamo mocker prefill_decode_interval',
  }),
};

const speculation = {
  num_speculative_tokens: describe(count().max(16).exactOptional(), {
    effect:
      'Speculative decoding: draft tokens that each pass verifies for every decoding request. A burst shares one timestamp.',
    unit: 'tokens',
    source: 'vLLM --speculative-config num_speculative_tokens, Dynamo mocker aic_nextn',
    whenAbsent: 'one token a pass',
  }),
  speculative_acceptance_rates: describe(
    z.array(z.number().min(0).max(1)).max(16).default([0.85, 0.3]),
    {
      effect:
        'For each draft, how likely it is accepted when all before it were; drafts beyond the list never are, rates beyond the drafts count for nothing.',
      source: 'Dynamo mocker aic_nextn_accept_rates',
    },
  ),
};

const host = {
  host_overhead_ms: describe(duration().default(0), {
    effect: 'Time that the host spends on every pass: scheduling, inputs, outputs.',
    unit: 'ms',
  }),
  host_overhead_per_request_us: describe(z.number().min(0).max(1_000_000).default(0), {
    effect: 'The same for every request that the pass computes.',
    unit: 'µs',
  }),
  async_scheduling: describe(z.boolean().default(true), {
    effect:
      'The host prepares a pass while the GPU computes the one before: a pass takes as long as the slower of the two, not as both.',
    source:
      'vLLM --async-scheduling, SGLang without --disable-overlap-schedule, TensorRT-LLM without disable_overlap_scheduler',
  }),
};

const speed = {
  speedup_ratio: describe(ratio().default(1), {
    effect: 'Divides the time of every forward pass; 2 is a GPU twice as fast.',
    unit: '×',
    source: 'Dynamo mocker --speedup-ratio',
  }),
  decode_speedup_ratio: describe(ratio().default(1), {
    effect: 'Divides the time of decode once more, as speculative decoding would.',
    unit: '×',
    source: 'Dynamo mocker --decode-speedup-ratio',
  }),
  stepping: describe(z.enum(['leap', 'exact']).default('leap'), {
    effect:
      'leap computes equal passes in closed form; exact steps each one. Times agree to 1 ns a pass.',
  }),
};

/** One worker: its memory, its scheduler and how fast it computes. */
export const engineSchema = z
  .strictObject({
    backend: describe(z.enum(['vllm', 'sglang', 'trtllm']).default('vllm'), {
      effect: 'Whose scheduler the workers run.',
      source: 'Dynamo mocker engine.backend',
    }),
    ...parallelism,
    ...layoutKeys,
    ...capacity,
    ...behaviour,
    ...sglang,
    ...speculation,
    ...host,
    ...speed,
    ...kernelKeys,
    ...formatKeys,
    ...measuredKeys,
    timing: timingSchema,
  })
  .meta({ description: 'One worker: its memory, its scheduler and how fast it computes.' });
