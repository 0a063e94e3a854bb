import type { Ns } from '#core/base/time.ts';
import type { ResolvedConfig } from '#core/config/schema.ts';
import { type LinkOutcome, linkOutcomes } from './network/link-outcome.ts';
import { Network } from './network/network.ts';
import { openTopology } from './network/open-topology.ts';
import type { Topology } from './network/topology.ts';
import type { Pool } from './pool.ts';
import type { Transfers } from './transfers.ts';

/** Transfers share the links between the workers of two pools. */
export class SharedLinks implements Transfers {
  readonly network: Network;
  readonly topology: Topology;
  readonly #prefill: Pool;
  readonly #decode: Pool;
  /** Bytes per nanosecond that one transfer gets at most. */
  readonly #limit: number;
  /** Of the transfers that the network has ended, how many have been taken. */
  #taken = 0;

  /** `decode` numbers its workers after those of `prefill`, as the topology does. */
  constructor(config: ResolvedConfig, prefill: Pool, decode: Pool) {
    this.topology = openTopology(config);
    this.network = new Network(this.topology.links, this.topology.paths);
    this.#prefill = prefill;
    this.#decode = decode;
    this.#limit = config.kv_transfer.bandwidth_gb_s ?? Number.POSITIVE_INFINITY;
  }

  get nextEndNs(): Ns {
    return this.network.nextEventNs;
  }

  start(row: number, source: number, destination: number, bytes: number, nowNs: Ns): void {
    const from = workerOf(this.#prefill, source);
    const to = workerOf(this.#decode, destination);
    this.network.start(this.topology.between(from, to), bytes, row, nowNs, this.#limit);
  }

  /** What has become of each link by the end of the run. */
  outcomes(endNs: Ns): readonly LinkOutcome[] {
    return linkOutcomes(this.topology.links, this.network.usage, endNs);
  }

  takeEnded(nowNs: Ns): number {
    const { network } = this;
    while (this.#taken === network.ended.count) {
      if (network.nextEventNs > nowNs) return -1;
      network.play(nowNs);
      this.#taken = 0;
    }
    return network.ended.rows[this.#taken++]!;
  }
}

/** The worker of a target, among the workers of both pools. */
function workerOf({ firstWorker, ranks }: Pool, target: number): number {
  return firstWorker + Math.floor(target / ranks);
}
