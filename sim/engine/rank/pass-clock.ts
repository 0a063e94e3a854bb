import type { Ns } from '#core/base/time.ts';
import { RowList } from '../row-list.ts';

/** The pass, or leap of equal passes, that all ranks of a worker take together. */
export class PassClock {
  startNs: Ns = 0;
  endNs: Ns = 0;
  passes = 1;
  /** For the cluster: requests that got their first token in it, and requests that are over. */
  readonly firstTokens: RowList = new RowList();
  readonly ended: RowList = new RowList();
  /** Requests whose clients had gone, and that the worker has let go of. */
  readonly dropped: RowList = new RowList();
}
