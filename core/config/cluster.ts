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
  })
  .meta({ description: 'The fleet that serves the traffic.' });
