import type { Ns } from '#core/base/time.ts';
import { poolsOf } from '#core/config/pools.ts';
import type { NetworkConfig, ResolvedConfig } from '#core/config/schema.ts';
import { LINK_CAPACITY_MAX } from './link-table.ts';
import { placeWorkers } from './placement.ts';
import { type LinkKind, type LinkKinds, Topology } from './topology.ts';

const EVERYWHERE = Number.POSITIVE_INFINITY;

/** The workers of all pools, prefill before decode, on the nodes that the config describes. */
export function openTopology(config: ResolvedConfig): Topology {
  const { network } = config;
  const gpus = poolsOf(config).flatMap(({ config: { cluster } }) =>
    Array<number>(cluster.workers).fill(cluster.gpus_per_worker),
  );
  const placement = placeWorkers(gpus, {
    gpusPerNode: network.gpus_per_node,
    nodesPerRack: network.nodes_per_rack ?? EVERYWHERE,
    racksPerZone: network.racks_per_zone ?? EVERYWHERE,
  });
  return new Topology(placement, linkKinds(network));
}

function linkKinds(network: NetworkConfig): LinkKinds {
  const { nic, nic_gb_s, nodes_per_rack = EVERYWHERE, racks_per_zone = EVERYWHERE } = network;
  const cards = nic === 'gpu' ? network.gpus_per_node : 1;
  // An uplink of which nothing is said holds nobody up.
  const rackGbS = network.rack_gb_s ?? nodes_per_rack * cards * nic_gb_s;
  const zoneGbS = network.zone_gb_s ?? racks_per_zone * rackGbS;
  const fabric =
    network.node_fabric === 'nvlink'
      ? { nvlink: kind(network.nvlink_gb_s, network.nvlink_latency_us) }
      : { pcie: kind(network.pcie_gb_s, network.pcie_latency_us) };
  if (nic === 'none') return fabric;
  return {
    ...fabric,
    nic: { ...kind(nic_gb_s, network.nic_latency_us), of: nic },
    rack: kind(rackGbS, network.rack_latency_us),
    zone: kind(zoneGbS, network.zone_latency_us),
  };
}

function kind(gbPerSecond: number, latencyUs: number): LinkKind {
  const latencyNs: Ns = Math.round(latencyUs * 1000);
  return { capacity: Math.min(gbPerSecond, LINK_CAPACITY_MAX), latencyNs };
}
