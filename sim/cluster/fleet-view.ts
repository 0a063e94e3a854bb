import type { Ns } from '#core/base/time.ts';
import type { WorkerSample } from '../engine/worker-sample.ts';
import type { WorkerTally } from '../engine/worker-tally.ts';
import type { EncodeStage } from './encode/encode-stage.ts';
import type { PoolLinks } from './network/pool-links.ts';
import type { Pool } from './pool.ts';

/** What a fleet is made of. */
interface FleetParts {
  readonly pools: readonly Pool[];
  readonly encode: EncodeStage | undefined;
  readonly links: PoolLinks | undefined;
}

/** What can be seen of all workers at a moment, without changing any. */
export class FleetView {
  readonly #parts: FleetParts;

  constructor(parts: FleetParts) {
    this.#parts = parts;
  }

  /** Requests in the queues of routers and workers, and those that wait for their embeddings. */
  get queued(): number {
    const { pools, encode } = this.#parts;
    return pools.reduce((queued, pool) => queued + pool.queued, encode?.underWay ?? 0);
  }

  /** Images and the like that have been encoded. */
  get encodedItems(): number {
    return this.#parts.encode?.encodedItems ?? 0;
  }

  /** Share of all KV blocks that are in use. */
  get kvUsed(): number {
    let used = 0;
    let all = 0;
    for (const pool of this.#parts.pools) {
      for (const [active, capacity] of pool.blocks()) {
        used += active;
        all += capacity;
      }
    }
    return used / all;
  }

  /** The same of each target by itself: a worker, or a rank of one. */
  kvUsedByTarget(): number[] {
    return this.#parts.pools.flatMap((pool) =>
      Array.from(pool.blocks(), ([active, capacity]) => active / capacity),
    );
  }

  /** What each target has done so far. */
  get tallies(): readonly WorkerTally[] {
    return this.#parts.pools.flatMap(({ workers }) => workers.flatMap((one) => one.tallies));
  }

  /** Writes what a target is and has done at `atNs`, after all that happens by then. */
  sample(target: number, atNs: Ns, sample: WorkerSample): void {
    const pool = this.#parts.pools.findLast(({ firstTarget }) => firstTarget <= target)!;
    const own = target - pool.firstTarget;
    const rank = own % pool.ranks;
    pool.workers[(own - rank) / pool.ranks]!.sample(rank, atNs, sample);
  }

  /** Bytes that have crossed a shared link by `atNs`, after all that happens by then. */
  linkBytes(link: number, atNs: Ns): number {
    return this.#parts.links?.network.usage.bytes(link, atNs) ?? 0;
  }
}
