import type { Feature } from '../feature.ts';

const smallBatch: Feature = {
  name: 'a small batch',
  weight: 1.5,
  lay: (flight, draw) => flight.set('engine.max_num_seqs', draw.pick([1, 2, 3, 8])),
};

const smallBudget: Feature = {
  name: 'a small token budget',
  weight: 1.5,
  lay: (flight, draw) => flight.set('engine.max_num_batched_tokens', draw.pick([1, 3, 8, 24, 60])),
};

const wholePrompts: Feature = {
  name: 'prompts in one pass',
  lay(flight, draw) {
    flight.set('engine.enable_chunked_prefill', false);
    if (draw.chance(0.5)) flight.set('engine.max_num_batched_tokens', draw.pick([20, 60]));
  },
};

const shortModel: Feature = {
  name: 'a short context of the model',
  lay: (flight, draw) => flight.set('engine.max_model_len', draw.pick([2, 10, 24, 60])),
};

export const PASS_FEATURES: readonly Feature[] = [
  smallBatch,
  smallBudget,
  wholePrompts,
  shortModel,
];
