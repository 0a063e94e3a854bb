import type { Feature } from '../feature.ts';

const speculation: Feature = {
  name: 'speculative decoding',
  lay(flight, draw) {
    const drafts = draw.between(1, 5);
    const rate = draw.pick([0, 0.5, 0.85, 1]);
    flight.set('engine.num_speculative_tokens', drafts);
    if (draw.chance(0.8)) {
      flight.set('engine.speculative_acceptance_rates', Array(drafts).fill(rate));
    }
    // The drafts of a full batch have room in a pass.
    const seqs = flight.number('engine.max_num_seqs', 256);
    const budget = flight.number('engine.max_num_batched_tokens', 8192);
    flight.set('engine.max_num_batched_tokens', Math.max(budget, seqs * (1 + drafts)));
  },
};

export const SPECULATION_FEATURES: readonly Feature[] = [speculation];
