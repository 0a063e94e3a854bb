import { z } from 'zod';
import { describe } from './describe.ts';

/** One tenant of a workload: what it has of the traffic, and what its requests ask of the router. */
export const tenantSchema = z
  .strictObject({
    name: describe(z.string().min(1), {
      effect: 'Name of the tenant, in the report or as the trace has it.',
    }),
    share: describe(z.number().positive().max(1e6).exactOptional(), {
      effect:
        'Its part of the requests that the trace names no tenant for, relative to the other shares; ' +
        'sessions are drawn as a whole.',
      whenAbsent: 'only requests of the trace that name it',
    }),
    priority: describe(z.int().min(-2_147_483_648).max(2_147_483_647).exactOptional(), {
      effect: 'Router hint of its requests, where the trace gives none.',
      source: 'Dynamo nvext.agent_hints.priority',
      whenAbsent: 'as in the trace',
    }),
    strict_priority: describe(z.int().min(0).max(4_294_967_295).exactOptional(), {
      effect: 'Router hint that goes before any other, where the trace gives none.',
      whenAbsent: 'as in the trace',
    }),
    policy_class: describe(z.string().min(1).exactOptional(), {
      effect: 'Queue of the router that its requests ask for, where the trace gives none.',
      whenAbsent: 'as in the trace',
    }),
  })
  .meta({ description: 'A tenant: its share of the requests and their router hints.' });
