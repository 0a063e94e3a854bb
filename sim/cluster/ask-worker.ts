import type { EngineWorker } from '../engine/engine-worker.ts';
import type { HandOffHost } from './disaggregation-parts.ts';
import type { Pool } from './pool.ts';

/** What a worker is asked between or during its passes, about a request that it has or is to have. */
export type Ask = 'reserve' | 'activate' | 'release' | 'withdraw' | 'cancel';

/** Asks the worker of a target of a pool's router, and tells the cluster what that has moved. */
export function askWorker(
  ask: Ask,
  row: number,
  target: number,
  pool: Pool,
  host: HandOffHost,
): void {
  const { nowNs, passesBegan } = host;
  const rank = target % pool.ranks;
  const index = (target - rank) / pool.ranks;
  const worker: EngineWorker = pool.workers[index]!;
  host.told(pool, index, worker[ask](rank, row, nowNs, passesBegan));
}
