import { z } from 'zod';
import { count, describe } from './describe.ts';
import { encodeSchema } from './encode.ts';
import { engineSchema } from './engine.ts';
import { fleetKeys } from './fleet-keys.ts';
import { MAX_WORKERS } from './groups.ts';
import { overridesOf } from './overrides.ts';
import { routerSchema } from './router.ts';

/** Files and old names belong to the whole run. */
const {
  policy: _policy,
  policy_sha256: _digest,
  router_policy_config: _classes,
  router_policy_model: _model,
  overlap_score_weight: _oldName,
  ...routerKeys
} = routerSchema.shape;

/** Workers that do the same part of the work, with a router of their own in front. */
export const poolSchema = z
  .strictObject({
    name: describe(
      z
        .string()
        .regex(/^[a-z][a-z0-9_-]{0,31}$/)
        .exactOptional(),
      {
        effect: 'Name of the pool in reports, journals and charts.',
        whenAbsent: 'the role',
      },
    ),
    role: describe(z.enum(['aggregated', 'prefill', 'decode', 'encode']), {
      effect:
        'What the workers do: whole requests, or prompts alone, or the tokens behind prompts that prefill workers hand over, or the embeddings of images and the like before their prompts.',
      source: 'Dynamo worker_type',
    }),
    workers: describe(count().max(MAX_WORKERS), {
      effect: 'Number of identical workers, each one engine with its own KV cache.',
      unit: 'workers',
      source: 'AIConfigurator (p)workers, (d)workers',
    }),
    ...fleetKeys,
    encode: describe(encodeSchema.exactOptional(), {
      effect: 'How workers of role encode turn images and the like into embeddings.',
      whenAbsent: 'the pool encodes nothing',
    }),
    engine: describe(overridesOf(engineSchema.shape).exactOptional(), {
      effect: 'Keys of the section engine that differ for these workers.',
      whenAbsent: 'the section engine as it is',
    }),
    router: describe(overridesOf(routerKeys).exactOptional(), {
      effect: 'Keys of the section router that differ for the router in front of these workers.',
      whenAbsent: 'the section router, and what the role makes of it',
    }),
  })
  .meta({ description: 'Workers that do the same part of the work, behind one router.' });
