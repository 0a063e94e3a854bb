import { z } from 'zod';
import { count, describe } from './describe.ts';

const MAX_WORKERS = 1_000_000;

/** Workers that are alike in what requests may ask for. */
const groupSchema = z.strictObject({
  count: describe(count().max(MAX_WORKERS), {
    effect: 'Workers of this group; the counts of all groups add up to cluster.workers.',
    unit: 'workers',
  }),
  taints: describe(z.array(z.string().min(1)).exactOptional(), {
    effect: 'Names that requests may require or prefer, such as gpu-h100.',
    source: 'Dynamo worker taints',
    whenAbsent: 'none',
  }),
  topology: describe(z.record(z.string().min(1), z.string().min(1)).exactOptional(), {
    effect:
      'Where the workers stand, by domain, such as { zone: a }; a taint dynamo.topology/zone=a.',
    source: 'Dynamo DYN_TOPOLOGY_*',
    whenAbsent: 'nowhere in particular',
  }),
  device: describe(z.enum(['accelerator', 'cpu']).exactOptional(), {
    effect:
      'What the workers compute on, for mode device_aware_weighted; how fast says engine.timing.',
    source: 'Dynamo encoder device',
    whenAbsent: 'accelerator',
  }),
  lora_adapters: describe(z.array(z.string().min(1)).exactOptional(), {
    effect: 'LoRA adapters that the workers hold.',
    source: 'vLLM --lora-modules',
    whenAbsent: 'none',
  }),
});

/** The fleet: how many engines serve the traffic. */
export const clusterSchema = z
  .strictObject({
    workers: describe(count().max(MAX_WORKERS).default(4), {
      effect: 'Number of identical workers, each one engine with its own KV cache.',
      unit: 'workers',
      source: 'Dynamo replay --num-workers',
    }),
    gpus_per_worker: describe(count().max(1024).default(1), {
      effect: 'GPUs that one worker occupies, for GPU hours; how fast it is says engine.timing.',
      unit: 'GPUs',
      source: 'AIConfigurator num_gpus_per_worker',
    }),
    groups: describe(z.array(groupSchema).min(1).exactOptional(), {
      effect:
        'What sets workers apart for requests that ask for it, group after group from worker 0 on.',
      source: 'Dynamo worker taints, topology and LoRA adapters',
      whenAbsent: 'no worker differs from another',
    }),
  })
  .meta({ description: 'The fleet that serves the traffic.' });
