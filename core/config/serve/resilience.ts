import { z } from 'zod';
import { count, describe, seconds } from '../describe.ts';

/** What is done when engines fail. */
export const resilienceSchema = z
  .strictObject({
    retry_limit: describe(count(0).max(100).default(2), {
      effect:
        'How many further engines a request is sent to when one fails before it has answered a byte; 0 = none.',
    }),
    migration_limit: describe(count(0).max(100).default(0), {
      effect:
        'How many times a streamed completion goes on at another engine when the one that generates it fails; 0 = never. It goes on from token ids, which are asked of vLLM for it and taken out of the answer.',
      source: 'Dynamo --migration-limit',
    }),
    connect_timeout_secs: describe(seconds().positive().default(2), {
      effect: 'An engine that takes longer to accept a connection has failed.',
      unit: 's',
    }),
    breaker_failures: describe(count(0).default(5), {
      effect: 'After so many failures in a row an engine is left alone for a while; 0 = never.',
    }),
    breaker_open_secs: describe(seconds().positive().default(10), {
      effect:
        'How long an engine that kept failing is left alone before one request tries it again.',
      unit: 's',
    }),
    health_interval_secs: describe(seconds().default(5), {
      effect: 'How often engines are asked how they are; 0 = never.',
      unit: 's',
    }),
  })
  .meta({ description: 'What is done when engines fail.' });

export type ResilienceConfig = z.output<typeof resilienceSchema>;
