import type { RankState } from './rank-state.ts';

/**
 * Decode passes, up to `limit`, that can be taken at once: until blocks run short, or until the one in
 * which the first is evicted, where somebody must hear of that.
 */
export function decodePassesAhead(rank: RankState, limit: number): number {
  const { batch, pool, blocksTaken, engine } = rank;
  // Those that wait are given their blocks one in a pass, although there is room for more.
  if (engine.settings.grantsOneByOne && rank.handoff.destinations.count > 0) return 1;
  const fitting = batch.passesWithin(blocksTaken + pool.available, limit);
  if (!engine.settings.publishesEvents) return fitting;
  if (pool.events.count > 0) return 1;
  const silent = batch.passesWithin(blocksTaken + pool.free, limit);
  return Math.min(silent + 1, fitting);
}
