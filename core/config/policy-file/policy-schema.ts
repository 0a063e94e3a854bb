import { z } from 'zod';
import { count, describe, weight } from '../describe.ts';

/** Names end up in metrics, where nothing else is safe. */
const IDENTIFIER = /^[A-Za-z0-9_.-]+$/;

function identifier() {
  return z.string().regex(IDENTIFIER);
}

const policyClass = z
  .strictObject({
    name: describe(identifier(), { effect: 'Name of the class, in reports and rejections.' }),
    policy_family: describe(identifier().exactOptional(), {
      effect: 'Requests of this family come here; together with cache_bucket.',
      whenAbsent: 'the class is for requests that give its name',
    }),
    cache_bucket: describe(identifier().exactOptional(), {
      effect: 'Of its family, requests with so many uncached tokens come here.',
      whenAbsent: 'the class is for requests that give its name',
    }),
    queue_policy: describe(z.enum(['fcfs', 'lcfs', 'wspt']).default('fcfs'), {
      effect: 'Who leaves the class first: first come, last come, or shortest uncached prompt.',
    }),
    quantum: describe(count(), {
      effect: 'Share of the service while several classes wait: uncached tokens for each round.',
      unit: 'tokens',
    }),
    prefill_busy_threshold: describe(count(0).exactOptional(), {
      effect: 'Requests wait while every worker has more prefill tokens than this.',
      unit: 'tokens',
      whenAbsent: 'the fraction counts alone; without either nobody waits',
    }),
    prefill_busy_threshold_frac: describe(weight().exactOptional(), {
      effect: 'The same as a part of max_num_batched_tokens; either makes a worker busy.',
      unit: '× max_num_batched_tokens',
      whenAbsent: 'the absolute threshold counts alone; without either nobody waits',
    }),
    request_queue_limit_per_worker: describe(count(0).exactOptional(), {
      effect: 'Requests are rejected while this many wait for each worker.',
      whenAbsent: 'no limit',
    }),
    raw_isl_token_queue_limit_per_worker: describe(count(0).exactOptional(), {
      effect: 'Requests are rejected while those that wait have this many prompt tokens a worker.',
      unit: 'tokens',
      whenAbsent: 'no limit',
    }),
    cached_token_queue_limit_per_worker: describe(count(0).exactOptional(), {
      effect: 'The same for prompt tokens that are cached on some worker.',
      unit: 'tokens',
      whenAbsent: 'no limit',
    }),
  })
  .meta({ description: 'A queue of its own.' });

const bucket = z
  .strictObject({
    min_tokens: describe(count(0), {
      effect: 'Least uncached prompt tokens of the bucket.',
      unit: 'tokens',
    }),
    bucket: describe(identifier(), { effect: 'Name of the bucket.' }),
  })
  .meta({ description: 'A range of uncached prompt tokens, up to the next bucket.' });

const profileKeys = {
  default_policy_family: describe(identifier(), {
    effect: 'Family of requests that name neither a family nor a class of their own.',
  }),
  uncached_isl_buckets: describe(z.array(bucket).min(1), {
    effect: 'Ranges of uncached prompt tokens: the first from 0 on, strictly increasing.',
  }),
  policy_classes: describe(z.array(policyClass).min(1), {
    effect: 'The queues: one for each bucket of each family, and any that are asked for by name.',
  }),
};

const profile = z
  .strictObject(profileKeys)
  .meta({ description: 'Classes for one model, in place of all that stands above.' });

const stage = z.literal('default').exactOptional();

/** A policy file as Dynamo's `--router-policy-config` reads it. */
export const policyFileSchema = z
  .strictObject({
    default_policy_family: profileKeys.default_policy_family.exactOptional(),
    uncached_isl_buckets: profileKeys.uncached_isl_buckets.exactOptional(),
    policy_classes: profileKeys.policy_classes.exactOptional(),
    models: describe(z.record(z.string(), profile).exactOptional(), {
      effect: 'Classes by model; those of router_policy_model replace the others wholesale.',
    }),
    worker_selection: z
      .strictObject({ aggregated: stage, prefill: stage, decode: stage, encode: stage })
      .exactOptional()
      .meta({ description: 'Only "default" here: a selection of your own is a --policy file.' }),
  })
  .meta({ description: 'Policy classes of the router.' });

/** A policy file as written. */
export type PolicyFileInput = z.input<typeof policyFileSchema>;

/** A policy file whose single values are valid. */
export type PolicyFile = z.output<typeof policyFileSchema>;

/** The classes of one model, or of all. */
export type PolicyProfile = z.output<typeof profile>;

export type PolicyClassEntry = PolicyProfile['policy_classes'][number];
