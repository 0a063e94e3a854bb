import type { Ns } from '#core/base/time.ts';
import type { Leap } from '../leap/leap.ts';
import { RowList } from '../row-list.ts';

/** The pass, or leap of equal passes, that all ranks of a worker take together, and what came of it. */
export class PassClock {
  startNs: Ns = 0;
  endNs: Ns = 0;
  passes = 1;
  /** Where several passes end together: when each of them did. */
  leap: Leap | undefined;
  /** Passes that have ended since the worker had nothing to do, where `countsPasses` is set. */
  passesSinceIdle = 0;
  /** For the cluster: requests that got their first token in it, and requests that are over. */
  readonly firstTokens: RowList = new RowList();
  readonly ended: RowList = new RowList();
  /** Requests whose clients had gone, and that the worker has let go of. */
  readonly dropped: RowList = new RowList();
  /** Prompts that are computed and held, and those that have been let go of. */
  readonly held: RowList = new RowList();
  readonly released: RowList = new RowList();
  /** Requests that have their reservation, and those whose blocks are filled. */
  readonly reserved: RowList = new RowList();
  readonly activated: RowList = new RowList();
}
