import { assert } from '#core/base/assert.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER } from '../../workload/request-table.ts';
import { holdSource } from '../rank/hand-over.ts';
import { noteWaitInLeap } from '../rank/head-wait.ts';
import { collectEnded, finish, reject, tallyPasses } from '../rank/request-life.ts';
import type { SglangState } from './sglang-state.ts';

/** The pass (or leap) ends on a rank that took part in it; its first pass ended at `firstEndNs`. */
export function completeRank(rank: SglangState, firstEndNs: Ns): void {
  const { clock, ending, rejected } = rank;
  if (rank.decodes) completeDecode(rank, firstEndNs);
  else completePrefill(rank);
  for (let index = 0; index < ending.count; index++) {
    endRequest(rank, ending.rows[index]!);
  }
  for (let index = 0; index < rejected.count; index++) {
    reject(rank, rejected.rows[index]!, clock.endNs);
  }
  ending.clear();
  rejected.clear();
}

/**
 * All whole blocks of a request that ends stay cached; a last token out of a prefill is in none. Where
 * prompts alone are computed it keeps them until they have been copied away.
 */
function endRequest(rank: SglangState, row: number): void {
  const { sequences, holders, settings } = rank.engine;
  if (settings.role === 'prefill') {
    holdSource(rank, row);
    return;
  }
  const stored = rank.decodes ? rank.known(row) : sequences.computed[row]!;
  const before = rank.decodes ? rank.cacheable(stored - 1) : holders.held[row]!;
  rank.insert(row, stored, before);
  finish(rank, row, rank.clock.endNs, stored);
}

/** Every decoding request has got a token, or a burst, from each pass. */
function completeDecode(rank: SglangState, firstEndNs: Ns): void {
  const { batch, clock, pool, engine, tally, pending } = rank;
  const { passes } = clock;
  if (engine.stream !== undefined) engine.stream.passed(batch, clock);
  else if (passes === 1) recordGaps(rank);
  const blocksBefore = pool.active;
  if (passes > 1) takeLeapBlocks(rank, passes);
  tallyPasses(rank, passes, blocksBefore);
  batch.advance(passes);
  if (batch.extraTokens > 0) engine.itlNs.add(0, batch.extraTokens);
  tally.outputTokens += batch.extraTokens;
  recordFirstTokens(rank, firstEndNs);
  if (!rank.retracted) rank.ratio.decay(passes);
  rank.decodesSincePrefill += passes;
  rank.lastDecodeEndNs = clock.endNs;
  rank.joined.clear();
  for (let index = 0; index < pending.count; index++) sharePending(rank, pending.rows[index]!);
  pending.clear();
  collectEnded(rank);
}

/** A prompt whose first token had no room can be hit once that has come. */
function sharePending(rank: SglangState, row: number): void {
  const { batch, engine } = rank;
  const before = engine.holders.held[row]!;
  const prompt = rank.known(row);
  rank.share(row, prompt);
  if (rank.cacheable(prompt) <= before) return;
  engine.sequences.touched[row] = rank.inPass(row, batch.step);
}

/** The blocks that the passes of a leap have taken after the first. */
function takeLeapBlocks(rank: SglangState, passes: number): void {
  const { batch, pool, blocksTaken } = rank;
  // Whoever waits is looked at before the pass takes its blocks.
  noteWaitInLeap(rank, pool.available - (batch.blocksNeeded(passes - 1) - blocksTaken));
  const taken = pool.allocate(batch.blocksNeeded(passes) - blocksTaken);
  assert(taken, 'a leap ran past a shortage of blocks');
}

/** The time since its last token is a gap for each request that had one. */
function recordGaps(rank: SglangState): void {
  const { batch, clock, engine, joined, lastDecodeEndNs } = rank;
  const { sequences, itlNs } = engine;
  const before = batch.size - joined.count;
  if (before > 0) itlNs.add(clock.endNs - lastDecodeEndNs, before);
  for (let index = 0; index < joined.count; index++) {
    const row = joined.rows[index]!;
    if (sequences.generated[row]! > 0) itlNs.add(clock.endNs - sequences.pausedNs[row]!);
  }
}

/** First tokens that the prefill could not give, and second ones. */
function recordFirstTokens(rank: SglangState, firstEndNs: Ns): void {
  const { batch, clock, engine, fresh, entering } = rank;
  const { requests, sequences } = engine;
  for (let index = 0; index < fresh.count; index++) {
    const row = fresh.rows[index]!;
    if (requests.secondTokenNs[row] === NEVER) requests.secondTokenNs[row] = firstEndNs;
  }
  fresh.clear();
  for (let index = 0; index < entering.count; index++) {
    const row = entering.rows[index]!;
    requests.firstTokenNs[row] = firstEndNs;
    clock.firstTokens.push(row);
    if (sequences.target[row]! - batch.left(row) > 1) requests.secondTokenNs[row] = firstEndNs;
    else if (batch.left(row) > 0) fresh.push(row);
  }
  entering.clear();
}

/** Prompts are computed up to where the pass took them; those that are complete begin to decode. */
function completePrefill(rank: SglangState): void {
  const { computing, completing, engine, pool } = rank;
  const { sequences, holders } = engine;
  const blocksBefore = pool.active;
  for (let index = 0; index < computing.count; index++) {
    const row = computing.rows[index]!;
    if (row === rank.prefilling) rank.insert(row, sequences.computed[row]!, holders.held[row]!);
  }
  const room = reserveFirstTokens(rank);
  for (let index = 0; index < completing.count; index++) {
    completePrompt(rank, completing.rows[index]!, room);
  }
  tallyPasses(rank, 0, blocksBefore);
  if (computing.count > 0) rank.decodesSincePrefill = 0;
  computing.clear();
  completing.clear();
}

/** Blocks for the tokens that the pass gives, for all of those that go on or for none. */
function reserveFirstTokens(rank: SglangState): boolean {
  const { completing, engine, pool } = rank;
  const { sequences, settings } = engine;
  let blocks = 0;
  for (let index = 0; index < completing.count; index++) {
    const row = completing.rows[index]!;
    const goesOn = sequences.target[row]! - sequences.generated[row]! > 1;
    if (goesOn && rank.known(row) % settings.blockSize === 0) blocks++;
  }
  return pool.allocate(blocks);
}

/** The last of a request's known tokens is computed: the next one comes out, if it has room. */
function completePrompt(rank: SglangState, row: number, room: boolean): void {
  const { sequences, holders } = rank.engine;
  const target = sequences.target[row]!;
  const before = sequences.generated[row]!;
  sequences.owned[row] = rank.pages(rank.known(row));
  if (target === 0 || before + 1 === target || room) {
    if (target > 0) giveToken(rank, row);
    if (sequences.generated[row] === target) {
      rank.ending.push(row);
      return;
    }
    rank.insert(row, rank.known(row), holders.held[row]!);
    sequences.owned[row] = rank.pages(rank.known(row));
  } else {
    rank.pending.push(row);
    if (before === 0) rank.entering.push(row);
  }
  if (sequences.generated[row] === 1) rank.fresh.push(row);
  rank.batch.add(row, rank.known(row), target - sequences.generated[row]!, sequences.owned[row]!);
  rank.joined.push(row);
}

/** The token that a prefill gives. */
function giveToken(rank: SglangState, row: number): void {
  const { sequences, requests, itlNs, stream } = rank.engine;
  const { endNs } = rank.clock;
  const generated = ++sequences.generated[row]!;
  rank.tally.outputTokens++;
  if (generated === 1) {
    requests.firstTokenNs[row] = endNs;
    rank.clock.firstTokens.push(row);
  } else {
    if (stream === undefined) itlNs.add(endNs - sequences.pausedNs[row]!);
    else stream.token(row, endNs);
    if (generated === 2) requests.secondTokenNs[row] = endNs;
  }
  sequences.pausedNs[row] = endNs;
}
