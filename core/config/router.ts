import { z } from 'zod';
import { conditionalDisagg } from './conditional-disagg.ts';
import { count, describe, duration, ratio, seconds, share, weight } from './describe.ts';
import { type PolicyFile, policyFileSchema } from './policy-file/policy-schema.ts';

const cost = {
  cost_model: describe(z.enum(['current', 'v1.0']).default('current'), {
    effect: "Which generation of Dynamo's cost formula scores the workers.",
  }),
  overlap_score_credit: describe(weight().default(1), {
    effect: 'How much a cached prompt token counts for: 1 in full, 0 ignores the cache.',
    source: 'Dynamo --router-kv-overlap-score-credit',
  }),
  overlap_score_credit_decay: describe(weight().default(0), {
    effect: 'How fast the credit shrinks on workers that are more loaded than others.',
    source: 'Dynamo --router-kv-overlap-score-credit-decay',
  }),
  overlap_score_weight: describe(weight().exactOptional(), {
    effect:
      'Old name from Dynamo 1.0: sets prefill_load_scale, and 0 sets overlap_score_credit to 0 too.',
    source: 'Dynamo --router-kv-overlap-score-weight',
    whenAbsent: 'prefill_load_scale and overlap_score_credit count',
  }),
  prefill_load_scale: describe(weight().default(1), {
    effect: 'Weight of prompt tokens still to be computed, against KV blocks in use.',
    source: 'Dynamo --router-prefill-load-scale',
  }),
  decode_active_request_weight: describe(weight().default(0), {
    effect: 'Cost of each request that a worker already serves.',
    unit: 'blocks',
    source: 'Dynamo --router-decode-active-request-weight',
  }),
  cost_without: describe(z.enum(['prefill_load', 'active_blocks']).exactOptional(), {
    effect:
      'Leaves a term out of the cost to see what it is worth: prompt tokens under way, or KV blocks in use. Queues and thresholds count it still.',
    whenAbsent: 'the whole cost',
  }),
  router_temperature: describe(weight().default(0), {
    effect: '0 takes the cheapest worker; higher values draw among the cheap ones.',
    source: 'Dynamo --router-temperature',
  }),
};

const queue = {
  router_queue_threshold: describe(weight().exactOptional(), {
    effect:
      'Requests wait in the router while every worker has more prefill tokens than this part of max_num_batched_tokens.',
    unit: '× max_num_batched_tokens',
    source: 'Dynamo --router-queue-threshold',
    whenAbsent: 'no queue: requests are sent at once',
  }),
  router_queue_policy: describe(z.enum(['fcfs', 'lcfs', 'wspt', 'policy']).default('fcfs'), {
    effect:
      'Who leaves the queue first: first come, last come, shortest uncached prompt, or as router.policy says.',
    source: 'Dynamo --router-queue-policy',
  }),
};

const overload = {
  active_decode_blocks_threshold: describe(z.number().positive().max(1).exactOptional(), {
    effect:
      'A worker whose KV blocks in use exceed this part of all takes no request until both counts are back; workers then step every pass.',
    unit: '× num_gpu_blocks',
    source: 'Dynamo --active-decode-blocks-threshold',
    whenAbsent: 'KV blocks overload nobody',
  }),
  active_prefill_tokens_threshold: describe(count(0).exactOptional(), {
    effect:
      'A worker with more unfinished prompt tokens takes no request; with no worker left it is rejected.',
    unit: 'tokens',
    source: 'Dynamo --active-prefill-tokens-threshold',
    whenAbsent: 'no such limit',
  }),
  active_prefill_tokens_threshold_frac: describe(weight().exactOptional(), {
    effect:
      'The same limit as a part of max_num_batched_tokens, rounded down; the lower of both counts.',
    unit: '× max_num_batched_tokens',
    source: 'Dynamo --active-prefill-tokens-threshold-frac',
    whenAbsent: 'no such limit',
  }),
};

/** The name of a file is read before a config is resolved, so that the config holds its content. */
const policyFile = z
  .union([z.string(), policyFileSchema])
  .refine((value) => typeof value !== 'string')
  .transform((value): PolicyFile => (typeof value === 'string' ? {} : value));

const classes = {
  router_policy_config: describe(policyFile.exactOptional(), {
    effect: 'Policy classes: queues of their own for tenants or kinds of requests.',
    source: 'Dynamo --router-policy-config',
    whenAbsent: 'one queue for all, if there is one',
  }),
  router_policy_model: describe(z.string().exactOptional(), {
    effect: 'Model whose classes in the policy file count.',
    source: 'models of the policy file',
    whenAbsent: 'the classes for all models',
  }),
  router_overlap_refresh_after_secs: describe(z.number().min(0).max(1e6).default(10), {
    effect: 'A request that has waited longer is looked up in the index again; 0 never does.',
    unit: 's',
    source: 'Dynamo DYN_ROUTER_OVERLAP_REFRESH_AFTER_SECS',
  }),
};

const choice = {
  router_session_affinity_ttl_secs: describe(z.int().min(1).max(31_536_000).exactOptional(), {
    effect: 'A session stays with the worker of its last request for so long, whatever the mode.',
    unit: 's',
    source: 'Dynamo --router-session-affinity-ttl-secs',
    whenAbsent: 'sessions mean nothing to the router',
  }),
  encoder_cuda_to_cpu_ratio: describe(ratio().exactOptional(), {
    effect:
      'How many requests an accelerator is worth for one on a CPU, in mode device_aware_weighted.',
    source: 'Dynamo DYN_ENCODER_CUDA_TO_CPU_RATIO',
    whenAbsent: '8',
  }),
};

const tracking = {
  router_track_active_blocks: describe(z.boolean().default(true), {
    effect: 'Count the KV blocks of requests under way as load.',
    source: 'Dynamo --router-track-active-blocks',
  }),
  router_track_prefill_tokens: describe(z.boolean().default(true), {
    effect: 'Count the prompt tokens of requests under way as load.',
    source: 'Dynamo --router-track-prefill-tokens',
  }),
  router_track_output_blocks: describe(z.boolean().default(false), {
    effect: 'Count the KV blocks of generated tokens as load too.',
    source: 'Dynamo --router-track-output-blocks',
  }),
  agent_hints_osl: describe(z.boolean().default(false), {
    effect:
      'Requests tell the router how many tokens they will generate; blocks then count for less as their request nears its end.',
    source: 'Dynamo nvext.agent_hints.osl',
  }),
  router_assume_kv_reuse: describe(z.boolean().default(true), {
    effect: 'Count the blocks that prompts under way share on a worker once.',
    source: 'Dynamo --router-assume-kv-reuse',
  }),
  router_prefill_load_model: describe(z.enum(['none', 'timing']).default('none'), {
    effect:
      "Whether a prompt under way counts for less as time passes: timing expects what the engine's timing says of it alone.",
    source: 'Dynamo --router-prefill-load-model, whose model is aic',
  }),
  router_active_request_expiry_secs: describe(seconds().positive().default(300), {
    effect: 'A request is no load any more when it has been under way for so long.',
    unit: 's',
    source: 'Dynamo DYN_ROUTER_ACTIVE_REQUEST_EXPIRY_SECS',
  }),
};

const events = {
  use_kv_events: describe(z.boolean().default(true), {
    effect:
      'The router hears from workers what they store and evict; without, it believes that they keep what it has sent them.',
    source: 'Dynamo --router-kv-events',
  }),
  router_approximate_cache_policy: describe(z.enum(['ttl', 'lru']).default('ttl'), {
    effect:
      'What the router forgets without KV events: what it has not sent for a while, or what exceeds num_gpu_blocks.',
    source: 'Dynamo router_approximate_cache_policy',
  }),
  router_ttl_secs: describe(seconds().default(120), {
    effect: 'How long the router believes, without KV events, that a worker keeps a prompt.',
    unit: 's',
    source: 'Dynamo --router-ttl-secs',
  }),
  router_predicted_ttl_secs: describe(seconds().exactOptional(), {
    effect: 'With KV events, how long the router also believes what it has sent itself.',
    unit: 's',
    source: 'Dynamo --router-predicted-ttl-secs',
    whenAbsent: 'events alone count',
  }),
  kv_event_lag_ms: describe(duration().default(0), {
    effect: 'How late the router learns what a worker stored or evicted.',
    unit: 'ms',
    source: 'Dynamo replay kv_event_lag_ms',
  }),
  kv_event_loss_ratio: describe(share().default(0), {
    effect:
      'Share of KV events that never reach the router: a lost eviction leaves it believing, a lost store unaware.',
  }),
  kv_event_duplicate_ratio: describe(share().default(0), {
    effect: 'Share of KV events that reach the router twice, which must change nothing.',
  }),
};

const userPolicy = {
  policy: describe(z.string().min(1).exactOptional(), {
    effect:
      'File with policies of your own, TypeScript, JavaScript or EndpointPickerConfig YAML. What it exports is used: selection, queueOrder, eviction, disaggregate. The path starts where the program runs.',
    whenAbsent: 'the built-in policies',
  }),
  policy_sha256: describe(
    z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .exactOptional(),
    {
      effect:
        'SHA-256 of that file and the files beside it that it imports; another content is refused. Reports state it.',
      whenAbsent: 'whatever the file holds',
    },
  ),
};

/** Who gets a request. Most keys belong to the KV router, see `effect.ts`. */
export const routerSchema = z
  .strictObject({
    mode: describe(
      z
        .enum([
          'kv_router',
          'round_robin',
          'random',
          'power_of_two',
          'least_loaded',
          'direct',
          'device_aware_weighted',
          'policy',
        ])
        .default('kv_router'),
      {
        effect: 'How a worker is chosen for a request; policy is the selection of router.policy.',
        source: 'Dynamo --router-mode',
      },
    ),
    ...userPolicy,
    ...cost,
    ...queue,
    ...overload,
    ...choice,
    ...classes,
    ...tracking,
    ...events,
    ...conditionalDisagg,
  })
  .meta({
    description: 'Who gets a request. Most keys need mode: kv_router, or a policy of your own.',
  });
