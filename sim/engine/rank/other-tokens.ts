import type { PassShape } from '../timing/timing-model.ts';

/**
 * Tells each rank of a pass what the others compute beside it, where any of them has a prompt: experts
 * see the tokens of all. Where all only decode nothing is said, for then each is as large as the largest.
 */
export function noteOtherTokens(shapes: readonly PassShape[]): void {
  let tokens = 0;
  let hasPrompts = false;
  for (let rank = 0; rank < shapes.length; rank++) {
    const { prefillTokens, decodeRequests } = shapes[rank]!;
    tokens += prefillTokens + decodeRequests;
    if (prefillTokens > 0) hasPrompts = true;
  }
  for (let rank = 0; rank < shapes.length; rank++) {
    const shape = shapes[rank]!;
    const own = shape.prefillTokens + shape.decodeRequests;
    shape.otherTokens = hasPrompts ? tokens - own : undefined;
  }
}
