import { z } from 'zod';
import { describe, seconds } from '../describe.ts';

const fileSchema = z
  .strictObject({
    path: describe(z.string().min(1), {
      effect:
        'YAML or JSON file with a list of engines, as in this one. It is read again and again: engines that come to stand in it join, those that do not any more leave. It is relative to this file.',
    }),
    interval_secs: describe(seconds().positive().default(1), {
      effect: 'How often the file is read.',
      unit: 's',
    }),
  })
  .meta({ description: 'Engines that a file lists.' });

/** Where engines are found besides the list of the config. */
export const discoverySchema = z
  .strictObject({
    file: fileSchema.exactOptional(),
  })
  .meta({ description: 'Where engines are found besides engines, while the router runs.' });

export type DiscoveryConfig = z.output<typeof discoverySchema>;
export type FileDiscoveryConfig = z.output<typeof fileSchema>;
