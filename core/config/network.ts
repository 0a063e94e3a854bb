import { z } from 'zod';
import { count, describe } from './describe.ts';

/** The widest link that there is, and some room above it. */
const GB_S_MAX = 1e6;

function capacity() {
  return z.number().min(1e-3).max(GB_S_MAX);
}

function latency() {
  return z.number().min(0).max(1e9);
}

/** The links between workers, and where each worker stands. */
export const networkSchema = z
  .strictObject({
    mode: describe(z.enum(['independent', 'shared']).default('independent'), {
      effect:
        'Whether transfers meet: each has kv_transfer.bandwidth_gb_s to itself, or all share the links on their way, by max-min fairness.',
      source: 'Dynamo replay is independent',
    }),
    gpus_per_node: describe(count().max(1024).default(8), {
      effect:
        'GPUs of a node; workers fill nodes in the order of the pools, prefill first. Without cards no worker is wider than a node.',
      unit: 'GPUs',
    }),
    nodes_per_rack: describe(count().exactOptional(), {
      effect: 'Nodes of a rack; transfers between racks cross the uplinks of both.',
      unit: 'nodes',
      whenAbsent: 'all nodes stand in one rack',
    }),
    racks_per_zone: describe(count().exactOptional(), {
      effect: 'Racks of a zone; transfers between zones cross the uplinks of both.',
      unit: 'racks',
      whenAbsent: 'all racks stand in one zone',
    }),
    node_fabric: describe(z.enum(['nvlink', 'pcie']).default('nvlink'), {
      effect:
        'What connects the GPUs of a node. Over PCIe goes, too, what leaves the node; NVLink nodes have cards enough for that.',
    }),
    nvlink_gb_s: describe(capacity().default(450), {
      effect: 'NVLink of one GPU in one direction; a worker has that of all its GPUs.',
      unit: 'GB/s',
      source: 'NVLink 4 of an H100: 900 GB/s both ways',
    }),
    nvlink_latency_us: describe(latency().default(2), {
      effect: 'Time of the first byte over NVLink.',
      unit: 'us',
    }),
    pcie_gb_s: describe(capacity().default(64), {
      effect: 'PCIe of one GPU in one direction; a worker has that of all its GPUs.',
      unit: 'GB/s',
      source: 'PCIe 5.0 x16',
    }),
    pcie_latency_us: describe(latency().default(2), {
      effect: 'Time of the first byte over PCIe.',
      unit: 'us',
    }),
    nic: describe(z.enum(['gpu', 'node', 'none']).default('gpu'), {
      effect:
        'Who has a card to leave the node by: every GPU its own, all of a node one, or nobody. It counts for transfers that share links, and for workers of several GPUs.',
    }),
    nic_gb_s: describe(capacity().default(50), {
      effect: 'A card in one direction.',
      unit: 'GB/s',
      source: 'ConnectX-7: 400 Gb/s',
    }),
    nic_latency_us: describe(latency().default(10), {
      effect: 'Time of the first byte from card to card.',
      unit: 'us',
    }),
    rack_gb_s: describe(capacity().exactOptional(), {
      effect: 'Uplink of a rack in one direction.',
      unit: 'GB/s',
      whenAbsent: 'as wide as all its nodes need',
    }),
    rack_latency_us: describe(latency().default(2), {
      effect: 'Time that the way between two racks adds to the first byte.',
      unit: 'us',
    }),
    zone_gb_s: describe(capacity().exactOptional(), {
      effect: 'Uplink of a zone in one direction.',
      unit: 'GB/s',
      whenAbsent: 'as wide as all its racks need',
    }),
    zone_latency_us: describe(latency().default(500), {
      effect: 'Time that the way between two zones adds to the first byte.',
      unit: 'us',
    }),
  })
  .meta({ description: 'The links between workers, and where each worker stands.' });
