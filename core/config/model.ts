import { z } from 'zod';
import { describe } from './describe.ts';

/** The model that the workers serve; `engine.timing.type: model` reads it. */
export const modelSchema = z
  .strictObject({
    name: describe(z.string().min(1).exactOptional(), {
      effect:
        'Which built-in model the workers serve, by its Hugging Face name; with model.config, what to call yours.',
      source: 'vLLM --model',
      whenAbsent: 'no model, or the one of model.config',
    }),
    config: describe(z.union([z.string(), z.record(z.string(), z.unknown())]).exactOptional(), {
      effect:
        'The config.json of a model that is not built in: the name of the file, relative to this one, or its content.',
      source: 'Hugging Face config.json',
      whenAbsent: 'that of the built-in model of that name',
    }),
  })
  .meta({ description: 'The model that the workers serve, for engine.timing.type model.' });
