import { z } from 'zod';
import { count, describe } from './describe.ts';

export const MAX_WORKERS = 1_000_000;

/** Workers that are alike in what requests may ask for. */
export const groupSchema = z.strictObject({
  count: describe(count().max(MAX_WORKERS), {
    effect: 'Workers of this group; the counts of all groups add up to the workers.',
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
