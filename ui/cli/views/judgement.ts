import type { Judgement } from '#core/journal/explainer.ts';
import { effectiveIsl } from '#core/router/disaggregation/bypass-query.ts';
import { isBypass, verdictName } from '#core/router/disaggregation/verdict.ts';
import { formatCount } from '#sim/report/format.ts';

/** Where a prompt is prefilled and why, for scripts. What nobody knows is left out. */
export function judgementJson({ verdict, facts }: Judgement): unknown {
  const numbers: readonly (readonly [string, number])[] = [
    ['effective_isl', effectiveIsl(facts)],
    ['prefill_tokens', facts.prefillTokens],
    ['prefill_requests', facts.prefillRequests],
    ['prefill_cached_tokens', facts.prefillCachedTokens],
    ['decode_prefill_tokens', facts.decodePrefillTokens],
    ['decode_requests', facts.decodeRequests],
    ['potential_decode_blocks', facts.potentialDecodeBlocks],
    ['total_decode_blocks', facts.totalDecodeBlocks],
  ];
  return {
    bypass: isBypass(verdict),
    verdict: verdictName(verdict),
    ...Object.fromEntries(numbers.filter(([, value]) => value >= 0)),
    prefill_rejected: facts.prefillRejected,
  };
}

/** The same for people. */
export function judgementLines({ verdict, facts }: Judgement): string[] {
  const place = isBypass(verdict) ? 'on that worker' : 'in the prefill pool';
  const uncached = `${formatCount(effectiveIsl(facts))} of ${formatCount(facts.promptTokens)} prompt tokens are not cached there`;
  const there = waiting(facts.prefillTokens, facts.prefillRequests);
  const here = waiting(facts.decodePrefillTokens, facts.decodeRequests);
  return [
    `its prompt is prefilled ${place} (${verdictName(verdict)}): ${uncached}`,
    `  on the prefill worker that it would go to: ${there}`,
    `  on that decode worker: ${here}${blocksOf(facts)}`,
  ];
}

function waiting(tokens: number, requests: number): string {
  if (tokens < 0) return 'nobody knows what is under way';
  return `${formatCount(tokens)} prompt tokens and ${formatCount(Math.max(0, requests))} requests under way`;
}

function blocksOf({ potentialDecodeBlocks, totalDecodeBlocks }: Judgement['facts']): string {
  if (potentialDecodeBlocks < 0 || totalDecodeBlocks < 0) return '';
  return `, ${formatCount(potentialDecodeBlocks)} of ${formatCount(totalDecodeBlocks)} blocks in use with it`;
}
