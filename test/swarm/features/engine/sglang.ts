import type { Flight } from '../../flight.ts';
import type { Feature } from '../feature.ts';

const isSglang = (flight: Flight): boolean => flight.is('engine.backend', 'sglang');

const chunks: Feature = {
  name: 'small chunks of SGLang',
  weight: 2,
  fits: isSglang,
  lay(flight, draw) {
    const pages = draw.pick([1, 2, 4, 20]);
    flight.set('engine.chunked_prefill_size', pages * flight.number('engine.block_size', 1));
    if (draw.chance(0.5)) flight.set('engine.max_prefill_tokens', draw.pick([1, 10, 40]));
  },
};

const longestPrefix: Feature = {
  name: 'longest prefix first',
  weight: 2,
  fits: isSglang,
  lay: (flight) => flight.set('engine.schedule_policy', 'lpm'),
};

/** Room for little of the output, so that requests are retracted. */
const recklessAdmission: Feature = {
  name: 'reckless admission',
  weight: 3,
  fits: isSglang,
  lay(flight, draw) {
    flight.set('engine.schedule_conservativeness', draw.pick([0.01, 0.1, 0.3, 1.4]));
    flight.set('engine.clip_max_new_tokens', draw.pick([1, 1, 4, 20]));
  },
};

const decodeInterval: Feature = {
  name: 'passes of decode between those of prefill',
  weight: 2,
  fits: isSglang,
  lay: (flight, draw) => flight.set('engine.prefill_decode_interval', draw.pick([1, 2, 5])),
};

export const SGLANG_FEATURES: readonly Feature[] = [
  chunks,
  longestPrefix,
  recklessAdmission,
  decodeInterval,
];
