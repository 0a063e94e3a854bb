import { defineDisaggregation } from 'llm-windtunnel/policy';

/**
 * Prompts go to the prefill pool where prefilling them on the decode worker would hold up its requests
 * for longer, all together, than this one waits there.
 */
export const disaggregate = defineDisaggregation((request) => {
  const { inputTokens, cachedTokens, prefillTokens = 0, decodeRequests = 0 } = request;
  return (inputTokens - cachedTokens) * (1 + decodeRequests) > inputTokens + prefillTokens;
});
