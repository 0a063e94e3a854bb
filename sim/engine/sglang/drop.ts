import type { Ns } from '#core/base/time.ts';
import { leaveHead, stopRunning, takeOut } from '../rank/give-up.ts';
import { releaseBlocks } from '../rank/request-life.ts';
import type { SglangState } from './sglang-state.ts';

/** Between two passes a request leaves without its end, whether it waits or runs. */
export function dropRequest(rank: SglangState, row: number, nowNs: Ns): void {
  if (rank.waiting.remove(row)) {
    leaveHead(rank, row, nowNs);
    return;
  }
  const { holders, settings } = rank.engine;
  const computed = stopRunning(rank, row);
  // What has not been shared yet is in the pages of the request alone, and goes with it.
  if (takeOut(rank.pending, row)) {
    releaseBlocks(rank, row, holders.held[row]! * settings.blockSize);
  } else {
    rank.share(row, computed);
    releaseBlocks(rank, row, computed);
  }
  for (const list of [rank.joined, rank.fresh, rank.entering]) takeOut(list, row);
}
