import { callReturned, callThrew, type UserCall, type UserSource } from '#core/base/user-code.ts';
import type { EvictionRun, EvictionScore } from './eviction-score.ts';

/** A user's score, which lets nothing through that is no answer. */
export function userEvictionScore(score: EvictionScore, source: UserSource): EvictionScore {
  return (run) => {
    let worth: unknown;
    try {
      worth = score(run);
    } catch (error) {
      throw callThrew(callOf(score, source, run), error);
    }
    if (typeof worth === 'number' && Number.isFinite(worth)) return worth;
    throw callReturned(callOf(score, source, run), worth, 'a finite number');
  };
}

function callOf(score: EvictionScore, source: UserSource, run: EvictionRun): UserCall {
  const about = `${run.blocks} blocks that end at block ${run.depth} of their prompt`;
  return { source, path: 'eviction', code: score, about };
}
