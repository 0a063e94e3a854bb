import { z } from 'zod';
import { count, describe } from './describe.ts';

/** The fleet: how many engines serve the traffic. */
export const clusterSchema = z
  .strictObject({
    workers: describe(count().max(1_000_000).default(4), {
      effect: 'Number of identical workers, each one engine with its own KV cache.',
      unit: 'workers',
      source: 'Dynamo replay --num-workers',
    }),
    gpus_per_worker: describe(count().max(1024).default(1), {
      effect: 'GPUs that one worker occupies, for GPU hours; how fast it is says engine.timing.',
      unit: 'GPUs',
      source: 'AIConfigurator num_gpus_per_worker',
    }),
  })
  .meta({ description: 'The fleet that serves the traffic.' });
