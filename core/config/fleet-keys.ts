import { z } from 'zod';
import { count, describe } from './describe.ts';
import { gpuSchema } from './gpu.ts';
import { groupSchema } from './groups.ts';

/** What a pool says of its workers, and the cluster where it is one pool. */
export const fleetKeys = {
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
};
