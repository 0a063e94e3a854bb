import { z } from 'zod';
import { count, describe, ratio } from './describe.ts';

const TRACE_FORMATS = [
  'auto',
  'mooncake',
  'azure',
  'weka',
  'lmcache',
  'burstgpt',
  'aiperf',
  'vllm_bench',
  'mooncake_delta',
  'applied_compute_agentic',
  'dynamo',
  'agentic_mooncake',
] as const;

/** How the trace is read and when its requests arrive. */
export const workloadSchema = z
  .strictObject({
    trace_block_size: describe(count().default(512), {
      effect: 'Prompt tokens that one hash id of the trace stands for.',
      unit: 'tokens',
      source: 'Dynamo replay --trace-block-size',
    }),
    trace_format: describe(z.enum(TRACE_FORMATS).default('auto'), {
      effect: 'Format of the trace; auto looks at its first line.',
      source: 'Dynamo replay --trace-format',
    }),
    arrivals: describe(z.enum(['trace', 'poisson', 'constant']).default('trace'), {
      effect: 'When requests arrive: at the times of the trace, at random, or evenly spaced.',
    }),
    request_rate: describe(ratio().exactOptional(), {
      effect:
        'Mean rate of poisson and constant arrivals. Sessions count once: later turns follow the first.',
      unit: 'requests/s',
      source: 'AIPerf --request-rate',
      whenAbsent: 'arrivals follow the trace',
    }),
    arrival_speedup_ratio: describe(ratio().default(1), {
      effect: 'Divides the gaps between the arrivals of the trace; 4 is four times the traffic.',
      unit: '×',
      source: 'Dynamo replay --arrival-speedup-ratio',
    }),
    concurrency: describe(count().exactOptional(), {
      effect:
        'Closed loop: this many requests are always under way, each end starts the next. A session ' +
        'counts as one and keeps its place while it thinks.',
      unit: 'requests',
      source: 'AIPerf --concurrency',
      whenAbsent: 'open loop: requests arrive whatever the cluster does',
    }),
    num_requests: describe(count().exactOptional(), {
      effect: 'Take only this many requests from the start of the trace.',
      unit: 'requests',
      source: 'AIPerf --num-requests',
      whenAbsent: 'the whole trace',
    }),
    arrival_jitter: describe(z.boolean().default(false), {
      effect: "Spread arrivals inside the resolution of the trace's own clock, drawn by seed.",
    }),
  })
  .meta({ description: 'How the trace is read and when its requests arrive.' });
