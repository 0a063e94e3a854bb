import * as fc from 'fast-check';

/** What speculative decoding tries, if anything. */
export interface Drafts {
  readonly num_speculative_tokens?: number;
  readonly speculative_acceptance_rates?: readonly number[];
}

/** Drafts that are accepted for certain or not at all: nothing is left to chance. */
export const certainDrafts: fc.Arbitrary<Drafts> = fc.constantFrom(
  {},
  {},
  { num_speculative_tokens: 1, speculative_acceptance_rates: [1] },
  { num_speculative_tokens: 3, speculative_acceptance_rates: [1, 1, 0] },
  { num_speculative_tokens: 2, speculative_acceptance_rates: [0] },
);

/** Engine settings with drafts, and a budget in which all of them have room. */
export function withDrafts(
  engine: Readonly<Record<string, unknown>>,
  drafts: Drafts,
): Record<string, unknown> {
  const { num_speculative_tokens: count } = drafts;
  if (count === undefined || engine.backend === 'sglang') return { ...engine, ...drafts };
  const least = Number(engine.max_num_seqs) * (1 + count);
  const budget = Math.max(Number(engine.max_num_batched_tokens), least);
  return { ...engine, ...drafts, max_num_batched_tokens: budget };
}
