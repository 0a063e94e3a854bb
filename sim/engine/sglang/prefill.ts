import { assert } from '#core/base/assert.ts';
import { endHeadWait, noteHeadWait } from '../rank/head-wait.ts';
import { Leg } from '../rank/leg.ts';
import { admit } from '../rank/request-life.ts';
import { orderWaiting } from './admission-order.ts';
import { cachedPages, canNeverFit, clippedOutput, remainingTokens } from './room.ts';
import type { SglangState } from './sglang-state.ts';

/** Tokens that a pass of prefill can still take. */
interface Budget {
  chunk: number;
  prompts: number;
  /** Tokens that find room in the pool. */
  room: number;
}

/** Scratch of the rank that plans; none plans while another does. */
const budget: Budget = { chunk: 0, prompts: 0, room: 0 };

/**
 * Puts prompts into the pass that begins: the one that an earlier pass began, then those that wait,
 * until one finds no room. Nobody decodes in a pass with any of them.
 */
export function schedulePrefill(rank: SglangState): void {
  const { settings } = rank.engine;
  rank.needed = -1;
  rank.hitsMayGo = false;
  rank.hitsTouched = false;
  if (rank.prefilling < 0 && rank.waiting.count === 0) return;
  budget.chunk = settings.chunkTokens;
  budget.prompts = settings.maxPrefillTokens;
  budget.room = remainingTokens(rank);
  if (rank.prefilling >= 0 && !continuePrompt(rank)) return;
  // Who has lost its blocks waits for those that have been promised some.
  if (rank.handoff.joining.count + rank.handoff.destinations.count > 0) return;
  if (rank.running.count < settings.maxNumSeqs) orderWaiting(rank);
  while (rank.waiting.count > 0 && rank.running.count < settings.maxNumSeqs) {
    const row = rank.waiting.first;
    if (canNeverFit(rank, row)) {
      rank.waiting.removeFirst();
      rank.rejected.push(row);
    } else if (!admitFirst(rank, row)) return;
  }
}

/** The next chunk of the prompt that an earlier pass began; false when it finds no room for it. */
function continuePrompt(rank: SglangState): boolean {
  const row = rank.prefilling;
  const before = rank.engine.sequences.computed[row]!;
  const left = rank.known(row) - before;
  const chunk = Math.min(left, budget.chunk);
  const pages = rank.pages(before + chunk) - rank.pages(before);
  if (!hasRoom(rank, row, chunk, chunk === left) || pages > rank.pool.available) return false;
  take(rank, row, before, chunk, pages);
  return true;
}

/** Admits the first in line if it finds room; false when it has to wait. */
function admitFirst(rank: SglangState, row: number): boolean {
  const { settings, sequences } = rank.engine;
  const hits = cachedPages(rank, row);
  const cached = hits * settings.blockSize;
  const whole = rank.known(row) - cached;
  const ends = whole <= budget.chunk;
  const chunk = ends ? whole : budget.chunk - (budget.chunk % settings.blockSize);
  if (budget.chunk < settings.blockSize) return false;
  if (rank.computing.count > 0 && padded(rank, chunk) >= budget.prompts) return false;
  const pages = rank.pages(cached + chunk) - hits;
  const revived = hits === 0 ? 0 : rank.pool.inactiveAmong(row, hits);
  const roomy = hasRoom(rank, row, chunk, ends);
  const all = rank.handoff.apart > 0 ? pagesBeside(rank, row) - hits : pages;
  if (!roomy || all + revived > rank.pool.available) {
    rank.hitsMayGo = revived > 0;
    if (roomy) touchHits(rank, row, hits);
    rank.hitsTouched = roomy;
    noteHeadWait(rank, row);
    sequences.held[row] = Math.max(sequences.held[row]!, cached);
    return false;
  }
  rank.pool.hold(row, hits, rank.touches.now(rank.batch.step));
  rank.waiting.removeFirst();
  if (rank.headWaits === row) endHeadWait(rank);
  admit(rank, row, cached);
  take(rank, row, cached, chunk, pages);
  return true;
}

/**
 * Beside requests that do not run and keep their blocks, a prompt that is begun has to find all; one
 * that has lost its blocks to them finds its next token, too, or it would lose them again at once.
 */
function pagesBeside(rank: SglangState, row: number): number {
  const next = rank.engine.sequences.leg[row] === Leg.lost ? 1 : 0;
  return rank.pages(rank.known(row) + next);
}

/** Hits that leave no room for the rest are let go again, looked up just now. */
function touchHits(rank: SglangState, row: number, hits: number): void {
  rank.pool.hold(row, hits, rank.touches.now(rank.batch.step));
  rank.pool.release(row, hits, hits);
}

/**
 * Whether what the request takes, in whole pages, and its output stay below what there was room for
 * as the pass began, less what others took since. That hits are no longer free then is not counted.
 * Whoever comes to an idle rank needs no margin.
 */
function hasRoom(rank: SglangState, row: number, chunk: number, ends: boolean): boolean {
  const needed = neededTokens(rank, row, chunk, ends);
  const others = rank.batch.size + rank.computing.count + rank.handoff.apart;
  if (needed < budget.room || others === 0) return true;
  rank.needed = needed;
  return false;
}

/** A chunk that does not end the prompt counts without the output. */
function neededTokens(rank: SglangState, row: number, chunk: number, ends: boolean): number {
  return padded(rank, chunk) + (ends ? clippedOutput(rank, row) : 0);
}

/** Puts the tokens [before, before + chunk) of an admitted request into the pass. */
function take(rank: SglangState, row: number, before: number, chunk: number, pages: number): void {
  const { sequences, requests, settings } = rank.engine;
  const taken = rank.pool.allocate(pages);
  assert(taken, 'admitted a request without room');
  const after = before + chunk;
  const ends = after === rank.known(row);
  sequences.computed[row] = after;
  rank.tally.prefillTokens += chunk;
  requests.prefilledTokens[row]! += chunk;
  const free = settings.freePrefill && sequences.leg[row] === Leg.lost;
  if (chunk > 0 && !free) rank.shape.addPrefill(chunk, before);
  rank.computing.push(row);
  rank.prefilling = ends ? -1 : row;
  if (ends) rank.completing.push(row);
  budget.chunk -= padded(rank, chunk);
  budget.prompts -= padded(rank, chunk);
  budget.room -= neededTokens(rank, row, chunk, ends);
}

function padded(rank: SglangState, tokens: number): number {
  return rank.pages(tokens) * rank.engine.settings.blockSize;
}
