import * as fc from 'fast-check';
import { forestArbitrary } from '../reference/random-forest.ts';
import type { RouterPair } from '../reference/router-pair.ts';

/** Targets of the routers that histories are for. */
export const TARGETS = 6;

const NODES = 8;
const MAX_LENGTH = 3;

const step = fc.record({
  kind: fc.constantFrom('arrive', 'arrive', 'arrive', 'prefill', 'free', 'stored', 'removed'),
  request: fc.nat({ max: 30 }),
  target: fc.nat({ max: TARGETS - 1 }),
  leaf: fc.integer({ min: -1, max: NODES - 1 }),
  used: fc.integer({ min: 1, max: MAX_LENGTH }),
  tailTokens: fc.constantFrom(0, 0, 5),
});

type Step = typeof step extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** A small forest of blocks, and what happens to requests for it. */
export const histories = fc.tuple(
  forestArbitrary(NODES, MAX_LENGTH),
  fc.array(step, { maxLength: 60 }),
);

/** Tells both routers of a pair all that happens; each decision is held by the pair. */
export function tell(pair: RouterPair, steps: readonly Step[]): void {
  for (const [place, drawn] of steps.entries()) {
    const { kind, request, target, leaf } = drawn;
    if (kind === 'prefill') pair.prefillCompleted(request);
    else if (kind === 'free') pair.free(request);
    else if (kind === 'arrive') {
      if (!pair.isActive(request)) pair.decide(request, drawn, place);
    } else if (leaf >= 0) pair[kind](target, leaf, drawn.used);
  }
}
