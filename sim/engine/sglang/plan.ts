import { assert } from '#core/base/assert.ts';
import { joinActivated } from './join.ts';
import { passesAhead } from './leap-ahead.ts';
import { schedulePrefill } from './prefill.ts';
import { giveWay, makeRoom } from './retract.ts';
import type { SglangState } from './sglang-state.ts';

/**
 * Decides what a rank does in the pass that begins: prompts if any can be computed, else decode.
 * Leaves the shape of the pass in `rank.shape` and returns how many equal ones could be taken at once.
 */
export function planRank(rank: SglangState): number {
  const { shape, batch, engine } = rank;
  shape.clear();
  rank.retracted = false;
  rank.blocksTaken = 0;
  rank.needed = -1;
  if (rank.handoff.joining.count > 0) joinActivated(rank);
  const held = batch.size > 0 && rank.decodesSincePrefill < engine.settings.decodeInterval;
  if (!held) schedulePrefill(rank);
  rank.decodes = rank.computing.count === 0 && batch.size > 0;
  if (!rank.decodes) return giveWay(rank) || rank.computing.count + rank.rejected.count > 0 ? 1 : 0;
  makeRoom(rank);
  rank.decodes = batch.size > 0;
  if (!rank.decodes) return 1;
  rank.blocksTaken = batch.blocksNeeded(1);
  rank.evicts = rank.blocksTaken > rank.pool.free;
  const taken = rank.pool.allocate(rank.blocksTaken);
  assert(taken, 'one request alone finds no room');
  batch.tookAll();
  shape.decodeRequests = batch.size;
  shape.decodeContextTokens = batch.contextTokens;
  return passesAhead(rank);
}
