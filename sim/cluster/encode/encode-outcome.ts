import type { Ns } from '#core/base/time.ts';
import type { EncodeTable } from './encode-table.ts';

/** What the workers that encode leave behind. */
export interface EncodeOutcome {
  readonly name: string;
  readonly workers: number;
  readonly gpusPerWorker: number;
  readonly table: EncodeTable;
  /** What each of them did: time in passes that have ended, passes, items. */
  readonly encoders: readonly {
    readonly busyNs: Ns;
    readonly passes: number;
    readonly encodedItems: number;
  }[];
}
