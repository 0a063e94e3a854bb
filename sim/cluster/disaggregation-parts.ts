import type { Ns } from '#core/base/time.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { HandOffTable } from './hand-off.ts';
import type { KvStreams } from './kv-streams.ts';
import type { PoolLinks } from './network/pool-links.ts';
import type { Pool } from './pool.ts';
import type { PrefillLegs } from './prefill-legs.ts';
import type { Transfers } from './transfers.ts';

/** What a cluster does for its hand-offs. */
export interface HandOffHost {
  readonly nowNs: Ns;
  /** Passes have begun at this very moment already. */
  readonly passesBegan: boolean;
  /** Carries out what the pool's router has decided. */
  applyDecisions(pool: Pool): void;
  /** A worker was told something: its pass ends earlier when `moved`, or it may begin one. */
  told(pool: Pool, index: number, moved: boolean): void;
  /** Nobody has the prompt of a request any more, but for its prefill worker. */
  forgetPrompt(row: number): void;
}

/** What a cluster with prefill apart from decode is made of. */
export interface DisaggregationParts {
  readonly prefill: Pool;
  readonly decode: Pool;
  /** Of the decode pool, and of the run. */
  readonly requests: RequestTable;
  readonly legs: PrefillLegs;
  readonly handOffs: HandOffTable;
  readonly transfers: Transfers;
  /** The same, where KV caches leave while their prompts are computed. */
  readonly streams: KvStreams | undefined;
  /** What they go over; absent where each takes its own time. */
  readonly links: PoolLinks | undefined;
  /** KV cache of a token; 0 where a transfer takes no time. */
  readonly bytesPerToken: number;
  /** Only what the decode worker lacks is moved. */
  readonly movesMissing: boolean;
}
