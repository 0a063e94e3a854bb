import type { Draw } from '../../draw.ts';
import type { Feature } from '../feature.ts';

/** Every pass is a whole number of nanoseconds, so that sums in closed form are exact. */
function wholeTiming(draw: Draw): Readonly<Record<string, unknown>> {
  return draw.pick([
    { type: 'fixed', prefill_ms: draw.between(1, 20), decode_ms: draw.between(1, 5) },
    {
      type: 'linear',
      base_ms: draw.pick([0.25, 1.25]),
      per_prefill_token_ms: draw.pick([0, 0.062]),
      per_prefill_context_token_ms: draw.pick([0, 0.016]),
      per_decode_request_ms: draw.pick([0.5, 2]),
      per_decode_context_token_ms: draw.pick([0, 0.008]),
    },
    {
      type: 'table',
      prefill: [
        [4, 3],
        [20, 6.2],
        [60, 17],
      ],
      decode: [
        [6, 1.5],
        [30, 2.7],
        [90, 8.7],
      ],
    },
  ]);
}

const timing: Feature = {
  name: 'pass times',
  always: true,
  lay: (flight, draw) => flight.set('engine.timing', wholeTiming(draw)),
};

/** Passes of which a leap rounds the sum and stepping each one. */
const polynomial: Feature = {
  name: 'polynomial pass times',
  weight: 0.5,
  lay: (flight) => flight.set('engine.timing', { type: 'polynomial' }),
};

const noTime: Feature = {
  name: 'passes that take no time',
  weight: 0.5,
  lay(flight, draw) {
    const timing = {
      type: 'fixed',
      prefill_ms: draw.pick([0, 5]),
      decode_ms: draw.pick([0, 0, 2]),
    };
    flight.set('engine.timing', timing);
  },
};

const speed: Feature = {
  name: 'a faster or slower GPU',
  lay(flight, draw) {
    flight.set('engine.speedup_ratio', draw.pick([0.5, 2, 4]));
    if (draw.chance(0.5)) flight.set('engine.decode_speedup_ratio', draw.pick([0.5, 2]));
  },
};

const host: Feature = {
  name: 'a host that takes time',
  lay(flight, draw) {
    if (draw.chance(0.8)) flight.set('engine.host_overhead_ms', draw.pick([0.25, 3, 12]));
    if (draw.chance(0.6)) flight.set('engine.host_overhead_per_request_us', draw.pick([10, 400]));
    if (draw.chance(0.5)) flight.set('engine.async_scheduling', false);
  },
};

export const TIMING_FEATURES: readonly Feature[] = [timing, polynomial, noTime, speed, host];
