import { z } from 'zod';
import { describe, ratio } from './describe.ts';

/** The longest time that integer nanoseconds hold exactly: 104 days. */
const MAX_SECONDS = 9_000_000;

function rate(effect: string) {
  return describe(z.number().min(0).max(1e6), { effect, unit: 'requests/s' });
}

function seconds(effect: string) {
  return describe(z.number().positive().max(MAX_SECONDS), { effect, unit: 's' });
}

const ramp = z
  .strictObject({
    type: z.literal('ramp').meta({ description: 'A rate that rises or falls evenly.' }),
    from_rps: rate('Rate at the start.'),
    to_rps: rate('Rate at the end of the ramp and from there on; 0 ends the traffic.'),
    duration_s: seconds('How long the ramp takes.'),
  })
  .meta({ description: 'The rate goes from one value to another evenly, and stays there.' });

const sine = z
  .strictObject({
    type: z.literal('sine').meta({ description: 'A rate that swings around its mean.' }),
    mean_rps: rate('Mean rate.'),
    amplitude_rps: rate('How far the rate swings above and below its mean, at most the mean.'),
    period_s: seconds('Time from one peak to the next; the run begins at the mean, rising.'),
  })
  .meta({ description: 'The rate swings around a mean, as day and night do.' });

const steps = z
  .strictObject({
    type: z.literal('steps').meta({ description: 'A rate that changes at given times.' }),
    steps: describe(
      z.array(z.tuple([z.number().min(0).max(MAX_SECONDS), z.number().min(0).max(1e6)])).min(1),
      {
        effect: 'From when on, which rate: the first from 0, times rise, the last rate is not 0.',
        unit: '[s, requests/s] rows',
      },
    ),
  })
  .meta({ description: 'The rate is constant between given times.' });

const recorded = z
  .strictObject({
    type: z.literal('recorded').meta({ description: 'A rate that was measured somewhere.' }),
    file: describe(z.string().min(1), {
      effect: 'Windows of recorded rates, CSV, plain or .gz; after the last one the first follows.',
      source: 'ServeGen chunk-*-trace.csv',
    }),
    rate_ratio: describe(ratio().default(1), {
      effect: 'Multiplies the recorded rates; 0.01 makes the traffic of a fleet that of a worker.',
      unit: '×',
    }),
    speedup_ratio: describe(ratio().default(1), {
      effect: 'Divides the times of the recording; 24 makes an hour of a day. Rates stay.',
      unit: '×',
    }),
  })
  .meta({ description: 'The rate follows a recording in windows.' });

/** How the rate of arrivals changes over the run; `type` decides which other keys exist. */
export const rateShapeSchema = z.discriminatedUnion('type', [ramp, sine, steps, recorded]);
