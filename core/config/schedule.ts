import { z } from 'zod';
import { count, describe, duration } from './describe.ts';
import { MAX_WORKERS } from './groups.ts';

/** Workers that go from one pool to another while the run goes on. */
export const roleChangeSchema = z
  .strictObject({
    at_ms: describe(duration(), {
      effect: 'When the workers stop taking requests; they finish what they have.',
      unit: 'ms',
    }),
    from: describe(z.string(), {
      effect: 'Name of the pool that they leave, the last of its workers first.',
    }),
    to: describe(z.string(), {
      effect: 'Name of the pool that they join, with an empty KV cache.',
    }),
    workers: describe(count().max(MAX_WORKERS).default(1), {
      effect: 'How many of them.',
      unit: 'workers',
    }),
    cost_ms: describe(duration().default(0), {
      effect: 'From the last request that a worker finishes to the first that it may take.',
      unit: 'ms',
    }),
  })
  .meta({ description: 'Workers that go from one pool to another while the run goes on.' });
