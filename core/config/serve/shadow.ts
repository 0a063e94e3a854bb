import { z } from 'zod';
import { count, describe, duration } from '../describe.ts';
import { engineSchema } from '../engine.ts';
import { gpuSchema } from '../gpu.ts';
import { modelSchema } from '../model.ts';

/** A simulator of the cluster that runs behind the router. */
export const shadowSchema = z
  .strictObject({
    engine: engineSchema.exactOptional().meta({
      description:
        'What one engine is and how fast it computes, in the words of a run; timing above all. How many there are, their blocks and their budget say the engines.',
    }),
    model: modelSchema.exactOptional(),
    gpu: gpuSchema(),
    window: describe(count().max(10_000).default(512), {
      effect: 'Over how many of the last predictions errors are summed up.',
      unit: 'requests',
    }),
    drift_band: describe(z.number().min(0.01).max(1).default(0.25), {
      effect:
        'Relative error that is nothing to speak of: 0.25 is a quarter more, or a fifth less, than predicted. Errors that stay beyond it raise the drift alarm.',
    }),
    drift_floor_ms: describe(duration().default(10), {
      effect:
        'Added to what is predicted and to what came before they are compared for drift, so that times that are small beside it are not judged.',
      unit: 'ms',
    }),
    queue_facts: describe(count(16).max(10_000_000).default(8192), {
      effect:
        'Facts that may wait for the shadow; requests that come when there are as many are not shadowed, and counted.',
      unit: 'facts',
    }),
    advise_requests: describe(count(50).max(1_000_000).default(2000), {
      effect: 'Over how many of the last requests other policies are flown, with --advise.',
      unit: 'requests',
    }),
  })
  .meta({
    description:
      'A simulator of the cluster behind the router, which predicts TTFT and E2E of each request; --shadow turns it on with what is default here.',
  });

type ParsedShadow = z.output<typeof shadowSchema>;

/** What the shadow is told, and what was written of its engines: they are made when theirs have answered. */
export type ShadowConfig = Omit<ParsedShadow, 'engine' | 'model' | 'gpu'> & {
  readonly written: Readonly<Partial<Record<'engine' | 'model' | 'gpu', unknown>>>;
};
