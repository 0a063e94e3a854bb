import { NS_PER_MS } from '#core/base/time.ts';
import type { RunResult } from '../run-result.ts';
import type { Finding } from './evidence.ts';

/** Part of all prefill that must be such work before anybody counts. */
const LOST_SHARE_OF_PREFILL = 0.01;

/**
 * KV thrash: tokens that were computed again within one wait. The worker held them when the request
 * joined its queue, or when it was preempted, and had evicted them for others by the time it came in.
 * Requests count once that makes up one percent of all prefill; below that it is the edge of any LRU.
 */
export function findKvThrash({ requests, committedPrefillTokens }: RunResult): Finding | undefined {
  let count = 0;
  let lost = 0;
  let worst = 0;
  for (let row = 0; row < requests.count; row++) {
    if (requests.lostTokens[row] === 0) continue;
    count++;
    lost += requests.lostTokens[row]!;
    if (requests.lostTokens[row]! > requests.lostTokens[worst]!) worst = row;
  }
  if (count === 0 || lost < committedPrefillTokens * LOST_SHARE_OF_PREFILL) return undefined;
  return {
    count,
    evidence: {
      threshold: { lost_share_of_prefill: LOST_SHARE_OF_PREFILL },
      worst: {
        request: worst,
        worker: requests.worker[worst]!,
        at_ms: requests.firstAdmitNs[worst]! / NS_PER_MS,
        lost_tokens: requests.lostTokens[worst]!,
        lost_by_all_tokens: lost,
        lost_share_of_prefill: lost / committedPrefillTokens,
      },
    },
  };
}
