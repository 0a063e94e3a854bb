import { Leg } from '../rank/leg.ts';
import { loseBlocks } from '../rank/request-life.ts';
import type { SglangState } from './sglang-state.ts';

/**
 * Makes room for the tokens of a decode pass: while blocks are short, who has generated least gives
 * way, of equals who came in first; the last one stays. If even that is not enough, the prompt that
 * is computed in part gives its blocks back, and if blocks are kept for requests that do not run yet,
 * the last one goes too. What remains raises the new-token ratio.
 */
export function makeRoom(rank: SglangState): void {
  const { batch, pool } = rank;
  const before = batch.size;
  while (batch.blocksNeeded(1) > pool.available && batch.size > 1) retract(rank, victimOf(rank));
  if (batch.blocksNeeded(1) > pool.available && rank.prefilling >= 0) giveUpPrompt(rank);
  if (batch.blocksNeeded(1) > pool.available && rank.handoff.apart > 0) {
    retract(rank, victimOf(rank));
  }
  if (batch.size > 0 && batch.size < before) raiseRatio(rank);
}

function victimOf({ batch, engine }: SglangState): number {
  const { target, order } = engine.sequences;
  let victim = -1;
  let least = 0;
  for (let slot = 0; slot < batch.size; slot++) {
    const row = batch.rowAt(slot);
    const generated = target[row]! - batch.leftAt(slot);
    const fewer = victim < 0 || generated < least;
    if (!fewer && (generated > least || order[row]! > order[victim]!)) continue;
    victim = row;
    least = generated;
  }
  return victim;
}

/** A decoding request loses its blocks and goes to the end of the queue. */
function retract(rank: SglangState, row: number): void {
  const { sequences, requests, holders, settings } = rank.engine;
  const generated = sequences.target[row]! - rank.batch.left(row);
  const known = requests.inputTokens[row]! + generated;
  sequences.generated[row] = generated;
  const owned = rank.batch.ownedBlocks(row, known);
  rank.leaving(row, known);
  rank.batch.remove(row, known);
  const joined = rank.joined.indexOf(row);
  if (joined >= 0) rank.joined.removeAt(joined);
  else sequences.pausedNs[row] = rank.lastDecodeEndNs;
  for (const list of [rank.fresh, rank.entering]) {
    const place = list.indexOf(row);
    if (place >= 0) list.removeAt(place);
  }
  const pending = rank.pending.indexOf(row);
  if (pending < 0) rank.share(row, known);
  else rank.pending.removeAt(pending);
  const kept = pending < 0 ? known : holders.held[row]! * settings.blockSize;
  leave(rank, row, owned, kept);
}

/**
 * When the prompt that is computed in part finds no room for its next chunk, and keeps the last place
 * from a request that has blocks, it gives way. Returns whether it has.
 */
export function giveWay(rank: SglangState): boolean {
  const { prefilling, computing, handoff } = rank;
  if (prefilling < 0 || computing.count > 0 || handoff.joining.count === 0) return false;
  giveUpPrompt(rank);
  return true;
}

function giveUpPrompt(rank: SglangState): void {
  const row = rank.prefilling;
  const computed = rank.engine.sequences.computed[row]!;
  rank.prefilling = -1;
  leave(rank, row, rank.pages(computed), computed);
}

function leave(rank: SglangState, row: number, owned: number, computed: number): void {
  const { leg } = rank.engine.sequences;
  if (leg[row] === Leg.active) leg[row] = Leg.lost;
  loseBlocks(rank, row, owned, computed);
  rank.running.removeAt(rank.running.indexOf(row));
  rank.waiting.push(row);
  rank.tally.preemptions++;
  rank.retracted = true;
}

function raiseRatio({ batch, engine, ratio }: SglangState): void {
  const { target, unwanted } = engine.sequences;
  let generated = 0;
  let wanted = 0;
  for (let slot = 0; slot < batch.size; slot++) {
    const row = batch.rowAt(slot);
    wanted += target[row]! + unwanted[row]!;
    generated += target[row]! - batch.leftAt(slot);
  }
  ratio.raise(batch.size, generated, wanted);
}
