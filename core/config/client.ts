import { z } from 'zod';
import { count, describe, duration, share, target } from './describe.ts';

/** What clients do when the cluster lets them wait, or turns them away. */
export const clientSchema = z
  .strictObject({
    ttft_timeout_ms: describe(target().exactOptional(), {
      effect: 'A client gives an attempt up that has no first token after so long.',
      unit: 'ms',
      whenAbsent: 'as the trace says, or for ever',
    }),
    timeout_ms: describe(target().exactOptional(), {
      effect: 'A client gives an attempt up that is not whole after so long.',
      unit: 'ms',
      source: 'OpenAI SDK timeout, AIPerf --request-timeout-seconds',
      whenAbsent: 'as the trace says, or for ever',
    }),
    max_attempts: describe(count().default(1), {
      effect: 'How often a request is tried in all; each attempt arrives anew. 1: never again.',
      source: 'OpenAI SDK max_retries + 1',
    }),
    retry_on: describe(
      z
        .array(z.enum(['rejected', 'timed_out']))
        .min(1)
        .default(['rejected', 'timed_out']),
      {
        effect:
          'What is tried again: what the router has rejected for want of room, what timed out. ' +
          'What can never be served is not.',
      },
    ),
    retry_base_ms: describe(duration().default(500), {
      effect: 'How long a client waits before the second attempt.',
      unit: 'ms',
      source: 'OpenAI SDK INITIAL_RETRY_DELAY',
    }),
    retry_factor: describe(z.number().min(1).max(100).default(2), {
      effect: 'By how much it waits longer each time.',
      unit: '×',
    }),
    retry_max_ms: describe(duration().exactOptional(), {
      effect: 'The longest that it waits.',
      unit: 'ms',
      source: 'OpenAI SDK MAX_RETRY_DELAY',
      whenAbsent: '16 × retry_base_ms',
    }),
    retry_jitter_ratio: describe(share().default(0.25), {
      effect:
        'Part of the wait that is left out at random, so that clients do not return together.',
    }),
    failed_turn: describe(z.enum(['continue', 'end']).default('continue'), {
      effect:
        'What follows a turn of a session, or a request that others wait for, that was cancelled, ' +
        'timed out or rejected for good: what would have followed its end, or nothing.',
    }),
  })
  .meta({ description: 'What clients do when they wait for too long, or are turned away.' });
