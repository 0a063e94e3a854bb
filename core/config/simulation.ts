import { z } from 'zod';
import { describe, target } from './describe.ts';

/** The run itself. */
export const simulationSchema = z
  .strictObject({
    max_sim_time_ms: describe(target().exactOptional(), {
      effect: 'Stop at this simulated time; requests under way are reported as incomplete.',
      unit: 'ms',
      source: 'Dynamo replay max_sim_time_ms',
      whenAbsent: 'until the last request has ended',
    }),
  })
  .meta({ description: 'The run itself.' });
