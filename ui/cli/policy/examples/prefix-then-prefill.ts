import { defineSelection } from 'llm-windtunnel/policy';

/** Go where most of the prompt is cached, unless the prompts that wait there outweigh it. */
export const selection = defineSelection({
  scorers: [
    {
      name: 'cached part of the prompt',
      weight: 2,
      score: (candidate, request) => candidate.cachedTokens / request.inputTokens,
    },
    {
      name: 'least prefill',
      scoreAll: (candidates) => {
        const most = Math.max(1, ...candidates.map((one) => one.activePrefillTokens));
        return candidates.map((one) => 1 - one.activePrefillTokens / most);
      },
    },
  ],
});
