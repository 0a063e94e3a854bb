import type { SentRequest } from '../routing/placement-watch.ts';
import type { SentFact } from './shadow-facts.ts';

/** The numbers that the tunnel has for what is asked of a prompt. */
const TASKS = { generate: 0, embed: 1 } as const;

/** A request as the thread is told of it; `knowsBlocks`: what its router believes, engines have said. */
export function sentFactOf(
  id: number,
  { ask, engine, rank, overlapBlocks, queuedNs, atNs }: SentRequest,
  {
    knowsBlocks,
    wantsForecast,
  }: { readonly knowsBlocks: boolean; readonly wantsForecast: boolean },
): SentFact {
  const { prompt, outputTokens, maxOutputTokens, priority, strictPriority, task } = ask;
  const { tenant, policyClass } = ask;
  return {
    kind: 'sent',
    id,
    engine: engine.name,
    ...{ rank, atNs, queuedNs, priority, strictPriority, wantsForecast },
    inputTokens: prompt.inputTokens,
    hashes: BigUint64Array.from(prompt.hashes),
    knownBlocks: knowsBlocks ? Math.max(0, overlapBlocks) : 0,
    outputHint: outputTokens,
    mostOutputTokens: maxOutputTokens ?? 0,
    task: TASKS[task],
    ...(tenant !== undefined && { tenant }),
    ...(policyClass !== undefined && { policyClass }),
  };
}
