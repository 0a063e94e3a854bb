import { z } from 'zod';
import { count, describe } from './describe.ts';
import { gpuSchema } from './gpu.ts';
import { groupSchema, MAX_WORKERS } from './groups.ts';
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
    gpus_per_worker: describe(count().max(1024).default(1), {
      effect:
        'GPUs that one worker occupies, for GPU hours; how fast it is says engine.timing. With its type model they follow from the engine: tensor × pipeline × data parallel sizes.',
      unit: 'GPUs',
      source: 'AIConfigurator num_gpus_per_worker',
    }),
    gpu: gpuSchema(),
    groups: describe(z.array(groupSchema).min(1).exactOptional(), {
      effect:
        'What sets workers apart for requests that ask for it, group after group from worker 0 on.',
      source: 'Dynamo worker taints, topology and LoRA adapters',
      whenAbsent: 'no worker differs from another',
    }),
    pools: describe(z.array(poolSchema).min(1).exactOptional(), {
      effect:
        'Pools of workers instead of cluster.workers: one with role prefill and one with role decode serve prompts apart from tokens.',
      source: 'AIConfigurator disagg, Dynamo prefill and decode workers',
      whenAbsent: 'one pool of cluster.workers that serve whole requests',
    }),
    schedule: describe(z.array(roleChangeSchema).min(1).exactOptional(), {
      effect:
        'Workers that go from one pool to another: each drains, is away for what that costs, and joins the other router.',
      source: 'Dynamo planner, xPyD reconfiguration',
      whenAbsent: 'every worker stays in its pool',
    }),
  })
  .meta({ description: 'The fleet that serves the traffic.' });
