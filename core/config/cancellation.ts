import { z } from 'zod';
import { count, describe, target } from './describe.ts';

/** Clients that go away before the answer is whole: a part of the requests, drawn by the seed. */
export const cancellationSchema = z
  .strictObject({
    ratio: describe(z.number().positive().max(1), {
      effect:
        'Part of the requests whose clients leave, of those of which the trace says nothing ' +
        '(cancel_after_ms, cancel_after_tokens).',
      source: 'AIPerf --request-cancellation-rate',
    }),
    after_ms: describe(target().exactOptional(), {
      effect: 'How long after the first arrival they leave, on average.',
      unit: 'ms',
      source: 'AIPerf --request-cancellation-delay',
      whenAbsent: 'they leave after so many tokens',
    }),
    after_tokens: describe(count().exactOptional(), {
      effect: 'With which output token they leave, on average.',
      unit: 'tokens',
      whenAbsent: 'they leave after a time',
    }),
    distribution: describe(z.enum(['constant', 'uniform', 'exponential']).default('constant'), {
      effect: 'How the times, or tokens, lie about that mean; uniform is from 0 to twice as much.',
    }),
  })
  .meta({ description: 'Clients that leave before their answer is whole.' });
