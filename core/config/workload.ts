import { z } from 'zod';
import { cancellationSchema } from './cancellation.ts';
import { clientSchema } from './client.ts';
import { count, describe, ratio } from './describe.ts';
import { rateShapeSchema } from './rate-shape.ts';
import { tenantSchema } from './tenants.ts';
import { TRACE_FORMATS } from './trace-formats.ts';

/** The longest time that integer nanoseconds hold exactly: 104 days. */
const MAX_SECONDS = 9_000_000;

/** How the trace is read and when its requests arrive. */
export const workloadSchema = z
  .strictObject({
    trace_block_size: describe(count().default(512), {
      effect:
        'Prompt tokens that one hash id of the trace stands for. Left out, it is what the trace ' +
        'states, or 64 for lmcache.',
      unit: 'tokens',
      source: 'Dynamo replay --trace-block-size',
    }),
    trace_format: describe(z.enum(['auto', ...TRACE_FORMATS]).default('auto'), {
      effect: 'Format of the trace; auto looks at its first line.',
      source: 'Dynamo replay --trace-format',
    }),
    arrivals: describe(
      z.enum(['trace', 'poisson', 'gamma', 'weibull', 'recorded', 'constant']).default('trace'),
      {
        effect:
          'When requests arrive: at the times of the trace, at random with gaps of a distribution ' +
          '(recorded: that of each window), or evenly spaced.',
      },
    ),
    request_rate: describe(ratio().exactOptional(), {
      effect:
        "Mean rate of arrivals that are not the trace's. Sessions count once: later turns follow " +
        'the first.',
      unit: 'requests/s',
      source: 'AIPerf --request-rate',
      whenAbsent: 'arrivals follow the trace, or rate_shape',
    }),
    rate_shape: describe(rateShapeSchema.exactOptional(), {
      effect: 'How the rate of arrivals changes over the run. `type` names the shape.',
      whenAbsent: 'the rate is request_rate throughout',
    }),
    burstiness: describe(z.number().min(0.01).max(100).exactOptional(), {
      effect:
        'Shape of the gaps of gamma arrivals: 1 is Poisson, smaller is burstier; CV = 1/√shape.',
      source: 'vLLM bench --burstiness',
      whenAbsent: 'gamma arrivals need it',
    }),
    arrival_cv: describe(z.number().min(0.01).max(100).exactOptional(), {
      effect: 'Coefficient of variation of the gaps of weibull arrivals: 1 is Poisson.',
      source: 'ServeGen cv',
      whenAbsent: 'weibull arrivals need it',
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
    max_concurrency: describe(count().exactOptional(), {
      effect:
        'Caps an open loop: no more requests than this are under way, those beyond wait outside of ' +
        'the cluster in order. A session that thinks holds no place.',
      unit: 'requests',
      source: 'vLLM bench --max-concurrency',
      whenAbsent: 'no cap',
    }),
    tenants: describe(z.array(tenantSchema).min(1).exactOptional(), {
      effect: 'Tenants of the traffic, with shares of the requests and router hints.',
      whenAbsent: 'tenants are those that the trace names',
    }),
    cancellation: describe(cancellationSchema.exactOptional(), {
      effect: 'Clients that leave before their answer is whole.',
      whenAbsent: 'clients leave as the trace says',
    }),
    client: describe(clientSchema.exactOptional(), {
      effect: 'What clients do when they wait for too long, or are turned away.',
      whenAbsent: 'they wait as the trace says, and try once',
    }),
    duration_s: describe(z.number().positive().max(MAX_SECONDS).exactOptional(), {
      effect: 'Sends nothing from then on; what is under way is finished.',
      unit: 's',
      source: 'AIPerf --benchmark-duration',
      whenAbsent: 'until the trace ends',
    }),
    warmup_requests: describe(count().exactOptional(), {
      effect: 'The first requests to arrive are flown and left out of the statistics.',
      unit: 'requests',
      source: 'AIPerf --warmup-request-count',
      whenAbsent: 'all requests count',
    }),
    warmup_s: describe(z.number().positive().max(MAX_SECONDS).exactOptional(), {
      effect: 'Requests that arrive before are flown and left out of the statistics.',
      unit: 's',
      source: 'AIPerf --warmup-duration',
      whenAbsent: 'all requests count',
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
