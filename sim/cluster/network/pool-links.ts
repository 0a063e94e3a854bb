import type { Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import type { Pool } from '../pool.ts';
import { type LinkOutcome, linkOutcomes } from './link-outcome.ts';
import { LINK_CAPACITY_MAX, LinkTable } from './link-table.ts';
import { Network } from './network.ts';
import { openTopology } from './open-topology.ts';
import { PathTable } from './path-table.ts';

/** What knows the way from one worker to another. */
interface Ways {
  readonly links: LinkTable;
  readonly paths: PathTable;
  between(from: number, to: number): number;
}

/** The links over which the workers of one pool reach those of another. */
export class PoolLinks {
  readonly network: Network;
  /** Links that transfers share; 0 where each has its bandwidth to itself. */
  readonly sharedCount: number;
  readonly #ways: Ways;
  readonly #prefill: Pool;
  readonly #decode: Pool;
  /** Bytes per nanosecond that one transfer gets at most. */
  readonly limit: number;
  /** Of the transfers that the network has ended, how many have been taken. */
  #taken = 0;

  constructor(config: ResolvedConfig, prefill: Pool, decode: Pool) {
    const isShared = config.network.mode === 'shared';
    this.#ways = isShared ? openTopology(config) : openOneWay();
    this.sharedCount = isShared ? this.#ways.links.count : 0;
    this.network = new Network(this.#ways.links, this.#ways.paths);
    this.#prefill = prefill;
    this.#decode = decode;
    this.limit = config.kv_transfer.bandwidth_gb_s ?? Number.POSITIVE_INFINITY;
  }

  /** Begins to move bytes between two targets of the two pools; see `Network.start`. */
  start(
    row: number,
    source: number,
    destination: number,
    bytes: number,
    nowNs: Ns,
    pace: number = this.limit,
  ): number {
    const from = placeOf(this.#prefill, source);
    const to = placeOf(this.#decode, destination);
    const limit = Math.min(pace, this.limit);
    return this.network.start(this.#ways.between(from, to), bytes, row, nowNs, limit);
  }

  /** A row whose bytes are across by now, −1 = none; those of one moment by number. */
  takeEnded(nowNs: Ns): number {
    const { network } = this;
    while (this.#taken === network.ended.count) {
      if (network.nextEventNs > nowNs) return -1;
      network.play(nowNs);
      this.#taken = 0;
    }
    return network.ended.rows[this.#taken++]!;
  }

  /** What has become of each shared link by the end of the run. */
  outcomes(endNs: Ns): readonly LinkOutcome[] {
    return linkOutcomes(this.#ways.links, this.network.usage, endNs);
  }
}

/** One link that is never full: who crosses it meets nobody. */
function openOneWay(): Ways {
  const links = new LinkTable();
  const link = links.add({ name: 'link', capacity: LINK_CAPACITY_MAX, latencyNs: 0 });
  const paths = new PathTable(links);
  const path = paths.add([link]);
  return { links, paths, between: () => path };
}

/** Where the worker of a target stands. */
function placeOf({ places, ranks }: Pool, target: number): number {
  return places[Math.floor(target / ranks)]!;
}
