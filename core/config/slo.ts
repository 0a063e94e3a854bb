import { z } from 'zod';
import { describe, target } from './describe.ts';

const WHEN_ABSENT = 'not a target';

/** What a request must meet to count as goodput; a bound that is met exactly is met. */
export const sloSchema = z
  .strictObject({
    ttft_ms: describe(target().exactOptional(), {
      effect: 'Longest acceptable time from arrival to first token.',
      unit: 'ms',
      source: 'AIPerf --goodput time_to_first_token',
      whenAbsent: WHEN_ABSENT,
    }),
    itl_ms: describe(target().exactOptional(), {
      effect: "Longest acceptable mean gap between a request's own tokens.",
      unit: 'ms',
      source: 'AIPerf --goodput inter_token_latency',
      whenAbsent: WHEN_ABSENT,
    }),
    e2e_ms: describe(target().exactOptional(), {
      effect: 'Longest acceptable time from arrival to last token; excludes the other two.',
      unit: 'ms',
      source: 'AIPerf --goodput request_latency',
      whenAbsent: WHEN_ABSENT,
    }),
  })
  .meta({ description: 'Service-level objectives. Without one the report has no goodput.' });
