import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import { NEVER, type RequestTable } from '../../workload/request-table.ts';
import type { RowList } from '../row-list.ts';
import type { RankState } from './rank-state.ts';

/**
 * Between two passes an admitted request stops, wherever it is: decoding, or in the middle of its
 * prompt. Leaves what it has generated and owns in `generated` and `owned`, and returns how many of
 * its tokens are computed.
 */
export function stopRunning(rank: RankState, row: number): number {
  const { requests, sequences, settings } = rank.engine;
  rank.running.removeAt(rank.running.indexOf(row));
  if (row === rank.prefilling) {
    rank.prefilling = -1;
    const computed = sequences.computed[row]!;
    sequences.owned[row] = Math.ceil(computed / settings.blockSize);
    return computed;
  }
  const generated = sequences.target[row]! - rank.batch.left(row);
  const known = requests.inputTokens[row]! + generated;
  const computed = known - 1 + settings.tokensAhead;
  sequences.generated[row] = generated;
  sequences.owned[row] = rank.batch.ownedBlocks(row, computed);
  rank.leaving(row, known);
  rank.batch.remove(row, known);
  return computed;
}

/** Whoever held up all behind it for want of blocks does so no more. */
export function leaveHead(rank: RankState, row: number, nowNs: Ns): void {
  if (rank.headWaits !== row) return;
  rank.engine.headWaits.append(row, rank.headWaitsFromNs, nowNs, rank.headFreeBlocks);
  rank.headWaits = -1;
}

/** Tokens that came out when its client had gone, and a first or second one among them is not one. */
export function countUnread(requests: RequestTable, row: number, tokens: number): void {
  const { firstTokenNs, secondTokenNs, lastTokenNs, terminalNs } = requests;
  if (tokens > 0) {
    requests.unreadTokens = growColumn(requests.unreadTokens, row + 1);
    requests.unreadTokens[row] = tokens;
  }
  if (firstTokenNs[row]! > terminalNs[row]!) firstTokenNs[row] = NEVER;
  if (secondTokenNs[row]! > terminalNs[row]!) secondTokenNs[row] = NEVER;
  // What it saw last lies somewhere in a run of passes that nobody has kept apart.
  lastTokenNs[row] = NEVER;
}

/** Takes a request out of a list if it is there. */
export function takeOut(list: RowList, row: number): boolean {
  const place = list.indexOf(row);
  if (place < 0) return false;
  list.removeAt(place);
  return true;
}
