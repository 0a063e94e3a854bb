import { z } from 'zod';
import { count, describe } from './describe.ts';
import { fleetKeys } from './fleet-keys.ts';
import { MAX_WORKERS } from './groups.ts';
import { poolSchema } from './pool.ts';
import { roleChangeSchema } from './schedule.ts';

/** The fleet: how many engines serve the traffic. */
export const clusterSchema = z
  .strictObject({
    workers: describe(count().max(MAX_WORKERS).default(4), {
      effect: 'Number of identical workers, each one engine with its own KV cache.',
      unit: 'workers',
      source: 'Dynamo replay --num-workers',
    }),
    ...fleetKeys,
    pools: describe(z.array(poolSchema).min(1).exactOptional(), {
      effect:
        'Pools of workers instead of cluster.workers: one with role prefill and one with role decode serve prompts apart from tokens.',
      source: 'AIConfigurator disagg, Dynamo prefill and decode workers',
      whenAbsent: 'one pool of cluster.workers that serve whole requests',
      example: '[{role: prefill, workers: 2}, {role: decode, workers: 4}]',
    }),
    schedule: describe(z.array(roleChangeSchema).min(1).exactOptional(), {
      effect:
        'Workers that go from one pool to another: each drains, is away for what that costs, and joins the other router.',
      source: 'Dynamo planner, xPyD reconfiguration',
      whenAbsent: 'every worker stays in its pool',
      example: '[{at_ms: 60000, from: decode, to: prefill, workers: 1, cost_ms: 20000}]',
    }),
  })
  .meta({ description: 'The fleet that serves the traffic.' });
