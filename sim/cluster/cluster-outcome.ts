import type { WorkerTally } from '../engine/worker-tally.ts';
import { workerTime } from '../report/role-change-rows.ts';
import type { PoolOutcome, RunResult } from '../report/run-result.ts';
import type { Cluster } from './cluster.ts';
import type { OpenedPool } from './open-pool.ts';
import type { Pool } from './pool.ts';
import type { RoleChanges } from './role-changes.ts';

/** What of the result of a run its workers are asked for. */
export type ClusterOutcome = Omit<
  RunResult,
  | 'requests'
  | 'encode'
  | 'handOffs'
  | 'links'
  | 'roleChanges'
  | 'kvEvents'
  | 'timeline'
  | 'cap'
  | 'warmUp'
>;

/** What the workers of a run have done; `opened`: its pools, in the order of the cluster's. */
export function clusterOutcome(
  cluster: Cluster,
  opened: readonly OpenedPool[],
  roleChanges: RoleChanges | undefined,
): ClusterOutcome {
  const { tallies } = cluster.fleet;
  const pools = opened.map(({ pool }) => pool);
  const { state } = pools.at(-1)!;
  const outcomes = opened.map(({ pool, peaks }) => ({
    ...poolOutcome(pool, tallies),
    largestPass: peaks,
    ...(roleChanges && {
      workerNs: workerTime(roleChanges.all, pool.name, pool.workersAtStart, cluster.nowNs),
    }),
  }));
  const [fullest] = outcomes.toSorted((a, b) => fullness(b) - fullness(a));
  return {
    itlNs: state.itlNs,
    simulatedNs: cluster.nowNs,
    passes: pools.reduce((total, pool) => total + pool.state.passes, 0),
    events: cluster.events,
    preemptions: sum(tallies, 'preemptions'),
    queueRejections: cluster.queueRejections.counts,
    committedPrefillTokens: sum(tallies, 'prefillTokens'),
    peakKvBlocks: fullest!.peakKvBlocks,
    totalKvBlocks: fullest!.totalKvBlocks,
    kvUsedAtEnd: cluster.fleet.kvUsedByTarget(),
    workers: outcomes.reduce((total, { workers }) => total + workers, 0),
    blockSize: state.settings.blockSize,
    tallies,
    headWaits: state.headWaits,
    pools: outcomes,
  };
}

function poolOutcome(
  pool: Pool,
  tallies: readonly WorkerTally[],
): Omit<PoolOutcome, 'largestPass'> {
  const { name, role, gpusPerWorker, ranks, firstTarget, targets, state } = pool;
  const own = tallies.slice(firstTarget, firstTarget + targets);
  return {
    name,
    role,
    workers: pool.workersAtStart,
    gpusPerWorker,
    ranks,
    firstTarget,
    targets,
    passes: state.passes,
    peakKvBlocks: own.reduce((peak, tally) => Math.max(peak, tally.kvPeakBlocks), 0),
    totalKvBlocks: state.settings.numGpuBlocks,
    headWaits: state.headWaits,
  };
}

function fullness({ peakKvBlocks, totalKvBlocks }: PoolOutcome): number {
  return peakKvBlocks / totalKvBlocks;
}

function sum(tallies: readonly WorkerTally[], key: keyof WorkerTally): number {
  return tallies.reduce((total, tally) => total + tally[key], 0);
}
