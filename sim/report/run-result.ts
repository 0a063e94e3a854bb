import type { QuantileSketch } from '#core/base/sketch.ts';
import type { Ns } from '#core/base/time.ts';
import type { PoolRole } from '#core/config/pools.ts';
import type { EncodeOutcome } from '../cluster/encode/encode-outcome.ts';
import type { KvEventCounts } from '../cluster/event-faults.ts';
import type { HandOffTable } from '../cluster/hand-off.ts';
import type { LinkOutcome } from '../cluster/network/link-outcome.ts';
import type { QueueRejectionCount } from '../cluster/rejection-tally.ts';
import type { RoleChange } from '../cluster/role-changes.ts';
import type { Timeline } from '../cluster/timeline.ts';
import type { HeadWaitLog } from '../engine/rank/head-wait-log.ts';
import type { PassPeaks } from '../engine/timing/pass-peaks.ts';
import type { WorkerTally } from '../engine/worker-tally.ts';
import type { CapFacts } from '../workload/capped-loop.ts';
import type { RequestTable } from '../workload/request-table.ts';
import type { WarmUpFacts } from '../workload/warm-up.ts';

/** What the workers of a pool leave behind. */
export interface PoolOutcome {
  readonly name: string;
  readonly role: PoolRole;
  readonly workers: number;
  readonly gpusPerWorker: number;
  /** Ranks of a worker; each is a target of its own. */
  readonly ranks: number;
  /** Time that workers belonged to it; absent where none changed pools. */
  readonly workerNs?: Ns;
  /**
   * Its targets among those of the run, `RunResult.tallies`: those of its workers, and after them of
   * those that came from other pools.
   */
  readonly firstTarget: number;
  readonly targets: number;
  /** Forward passes of its workers. */
  readonly passes: number;
  /** Most KV blocks in use at one moment on one worker, and all that one has. */
  readonly peakKvBlocks: number;
  readonly totalKvBlocks: number;
  /** The most that a pass had of each, where a model on a GPU times them; else 0. */
  readonly largestPass: PassPeaks;
  /** Every time that the head of a worker's queue waited for KV blocks, in the order of the ends. */
  readonly headWaits: HeadWaitLog;
}

/** What a run leaves behind, before anybody has drawn conclusions from it. */
export interface RunResult {
  /** Every request that the trace offered, in its order. */
  readonly requests: RequestTable;
  /** Gaps between consecutive output tokens of a request, nanoseconds. */
  readonly itlNs: QuantileSketch;
  /** Virtual time at which the run ended. */
  readonly simulatedNs: Ns;
  /** Forward passes of all workers. */
  readonly passes: number;
  /** Events that the kernel processed; less with the leap than with exact stepping. */
  readonly events: number;
  readonly preemptions: number;
  /** Requests that full queues of policy classes have kept out, by class and limit. */
  readonly queueRejections: readonly QueueRejectionCount[];
  /** Prompt tokens computed, those computed again after a preemption included. */
  readonly committedPrefillTokens: number;
  /** Most KV blocks in use at one moment on one worker; of the pool that came closest to its limit. */
  readonly peakKvBlocks: number;
  /** Share of each target's KV blocks in use when the run ended: 0 unless it was cut off. */
  readonly kvUsedAtEnd: readonly number[];
  /** KV blocks of one worker of that pool. */
  readonly totalKvBlocks: number;
  readonly workers: number;
  /** Tokens of one KV block. */
  readonly blockSize: number;
  /** What each target did: a worker, or a rank of one. */
  readonly tallies: readonly WorkerTally[];
  /** Every time that the head of a worker's queue waited for KV blocks, in the pool where requests end. */
  readonly headWaits: HeadWaitLog;
  /** The pools that the targets belong to, in the order of the targets. */
  readonly pools: readonly PoolOutcome[];
  /** What encoded images and the like; absent without such a pool. */
  readonly encode?: EncodeOutcome;
  /** How requests got from prefill to decode workers; absent without such pools. */
  readonly handOffs?: HandOffTable;
  /** Workers that changed pools, in the order in which they were due; absent where all stay. */
  readonly roleChanges?: readonly RoleChange[];
  /** The links that transfers share; absent where they do not. */
  readonly links?: readonly LinkOutcome[];
  /** State of the workers at each step of time, where it was asked for. */
  readonly timeline?: Timeline;
  /** What a cap on the open loop did; undefined without one. */
  readonly cap: CapFacts | undefined;
  /** What warmed the cluster up; undefined when every request counts. */
  readonly warmUp: WarmUpFacts | undefined;
  /** What became of KV events; absent where all arrive, once each. */
  readonly kvEvents?: KvEventCounts;
}
