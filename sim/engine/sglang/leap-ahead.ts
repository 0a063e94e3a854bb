import { decodePassesAhead } from '../rank/decode-ahead.ts';
import { outputToCome } from './room.ts';
import type { SglangState } from './sglang-state.ts';

/** Sums that are equal but for the rounding of doubles differ by less, tokens. */
const ROUNDING = 1e-6;

/** Decode passes that can be taken at once: until the batch changes or the next in line may come in. */
export function passesAhead(rank: SglangState): number {
  const { settings } = rank.engine;
  const quiet = rank.rejected.count === 0 && rank.joined.count === 0 && !rank.retracted;
  const onTime = rank.lastDecodeEndNs === rank.clock.startNs;
  if (settings.exactStepping || !quiet || !onTime) return 1;
  const { batch, pool, blocksTaken } = rank;
  const limit = Math.min(batch.passesToEnd, passesToPrefill(rank));
  if (rank.hitsTouched) return 1;
  if (!minds(rank)) return decodePassesAhead(rank, limit);
  if (rank.evicts) return 1;
  const silent = batch.passesWithin(blocksTaken + pool.free, limit);
  return decodePassesAhead(rank, Math.min(limit, silent + 1));
}

/**
 * Whether it matters to those that wait that a block is evicted: to the first in line for its hits, or
 * to who that is.
 */
function minds({ hitsMayGo, waiting, running, engine }: SglangState): boolean {
  const { longestPrefixFirst, maxNumSeqs } = engine.settings;
  return hitsMayGo || (longestPrefixFirst && waiting.count > 0 && running.count < maxNumSeqs);
}

/** Passes after which a prompt that waits, or was begun, may find room; infinite when none does. */
function passesToPrefill(rank: SglangState): number {
  const { settings } = rank.engine;
  const full = rank.running.count >= settings.maxNumSeqs;
  const waits = rank.waiting.count > 0 && !full;
  if (!waits && rank.prefilling < 0) return Number.POSITIVE_INFINITY;
  const held = settings.decodeInterval - rank.decodesSincePrefill;
  if (held > 0) return held;
  return rank.needed < 0 ? Number.POSITIVE_INFINITY : passesToRoom(rank);
}

/**
 * Passes in which the first in line surely finds no room. With each, what decoding requests keep
 * shrinks by a token for each at most, and by the ratio; that free blocks become fewer is left out.
 */
function passesToRoom(rank: SglangState): number {
  const { batch, pool, ratio, engine } = rank;
  const available = pool.available * engine.settings.blockSize;
  const toCome = outputToCome(rank);
  const mostAfter = (passes: number): number =>
    available - Math.max(0, toCome - batch.size * passes) * ratio.after(passes);
  let passes = 0;
  let reach = batch.passesToEnd;
  while (reach - passes > 1) {
    const middle = (passes + reach) >> 1;
    if (mostAfter(middle) <= rank.needed - ROUNDING) passes = middle;
    else reach = middle;
  }
  return passes + 1;
}
