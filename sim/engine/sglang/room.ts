import { Task } from '../../workload/request-table.ts';
import type { SglangState } from './sglang-state.ts';

/**
 * Output tokens to come of all that decode, each counted up to the clip: what, by the new-token
 * ratio, is not free.
 */
export function outputToCome({ batch, engine }: SglangState): number {
  const { clipTokens } = engine.settings;
  const { unwanted } = engine.sequences;
  let tokens = 0;
  for (let slot = 0; slot < batch.size; slot++) {
    tokens += Math.min(batch.leftAt(slot) + unwanted[batch.rowAt(slot)]!, clipTokens);
  }
  return tokens;
}

/** Tokens for which there is room beside what those that decode are to get. */
export function remainingTokens(rank: SglangState): number {
  const { pool, ratio, engine } = rank;
  return pool.available * engine.settings.blockSize - outputToCome(rank) * ratio.value;
}

/** Output of a request that waits or prefills for which room is kept. */
export function clippedOutput({ engine }: SglangState, row: number): number {
  const { sequences, settings } = engine;
  const left = sequences.target[row]! - sequences.generated[row]!;
  return Math.min(left + sequences.unwanted[row]!, settings.clipTokens);
}

/** Whether a request could not be served even by an empty rank. */
export function canNeverFit(rank: SglangState, row: number): boolean {
  const { requests, sequences, settings } = rank.engine;
  const prompt = requests.inputTokens[row]!;
  const target = sequences.target[row]!;
  if (prompt >= settings.maxModelLen) return true;
  if (target <= 0 && requests.requestedTokens[row]! > 0) return true;
  // A token that comes out of the prefill and is the last needs no room.
  const wanted = target + sequences.unwanted[row]!;
  return rank.pages(prompt + (wanted > 1 ? wanted : 0)) > rank.pool.capacity;
}

/** Leading blocks of a request that waits which are cached; never its last token, if output follows. */
export function cachedPages(rank: SglangState, row: number): number {
  const { sequences, requests } = rank.engine;
  const whole = sequences.target[row] === 0 && requests.task[row] === Task.generate;
  const reusable = rank.cacheable(rank.known(row) - (whole ? 0 : 1));
  return reusable === 0 ? 0 : rank.pool.match(row, reusable);
}
