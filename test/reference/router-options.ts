import type { RouterOptions } from '#core/router/options.ts';

/** The KV mode with default weights over `targets` targets of 16-token blocks. */
export function kvOptions(targets: number, changes: Partial<RouterOptions> = {}): RouterOptions {
  return {
    mode: 'kv_router',
    costModel: 'current',
    overlapScoreCredit: 1,
    overlapScoreCreditDecay: 0,
    prefillLoadScale: 1,
    decodeActiveRequestWeight: 0,
    temperature: 0,
    queueThreshold: undefined,
    queuePolicy: 'fcfs',
    trackActiveBlocks: true,
    trackPrefillTokens: true,
    blockSize: 16,
    maxNumBatchedTokens: 100,
    targets,
    explains: true,
    ...changes,
  };
}
