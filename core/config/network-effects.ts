import type { EffectRule } from './ineffective-key.ts';
import { configKeys } from './keys.ts';
import { hasWorkersOfManyGpus } from './network-contradictions.ts';
import { isDisaggregated } from './pools.ts';
import type { ResolvedConfig } from './schema.ts';

/** How large nodes are and whether anything leaves them: that limits how wide a worker may be. */
const OF_NODES = ['network.gpus_per_node', 'network.nic'];

const OF_LINKS = configKeys()
  .map((key) => key.path)
  .filter((path) => path.startsWith('network.') && path !== 'network.mode')
  .filter((path) => !OF_NODES.includes(path));

function sharesLinks(config: ResolvedConfig): boolean {
  return isDisaggregated(config) && config.network.mode === 'shared';
}

/** What means nothing to a network, or without one. */
export const NETWORK_RULES: readonly EffectRule[] = [
  {
    paths: ['network.mode', ...OF_LINKS],
    idle: (config) => !isDisaggregated(config),
    why: 'no prefill worker hands anything over to a decode worker',
    remedy: 'leave it out, or set cluster.pools with the roles prefill and decode',
  },
  {
    paths: OF_LINKS,
    idle: ({ network }) => network.mode === 'independent',
    why: 'transfers do not meet on links',
    remedy: 'leave it out, or set network.mode to shared',
  },
  {
    paths: OF_NODES,
    idle: (config) => !sharesLinks(config) && !hasWorkersOfManyGpus(config),
    why: 'no transfer meets another on links, and every worker is one GPU',
    remedy: 'leave it out, or set cluster.gpus_per_worker, or network.mode to shared',
  },
  {
    paths: ['network.gpus_per_node'],
    idle: (config) => !sharesLinks(config) && config.network.nic !== 'none',
    why: 'cards lead from node to node, so a worker may be wider than one, and no transfer meets another on links',
    remedy: 'leave it out, or set network.nic to none, or network.mode to shared',
  },
  {
    paths: ['network.nvlink_gb_s', 'network.nvlink_latency_us'],
    idle: ({ network }) => network.node_fabric !== 'nvlink',
    why: 'the nodes have no NVLink',
    remedy: 'leave it out, or set network.node_fabric to nvlink',
  },
  {
    paths: ['network.pcie_gb_s', 'network.pcie_latency_us'],
    idle: ({ network }) => network.node_fabric !== 'pcie',
    why: 'the GPUs of a node are connected by NVLink',
    remedy: 'leave it out, or set network.node_fabric to pcie',
  },
  {
    paths: ['network.nic_gb_s', 'network.nic_latency_us', 'network.nodes_per_rack'],
    idle: ({ network }) => network.nic === 'none',
    why: 'nothing leaves a node',
    remedy: 'leave it out, or set network.nic to gpu or node',
  },
  {
    paths: ['network.rack_gb_s', 'network.rack_latency_us', 'network.racks_per_zone'],
    idle: ({ network }) => network.nodes_per_rack === undefined,
    why: 'all nodes stand in one rack',
    remedy: 'leave it out, or set network.nodes_per_rack',
  },
  {
    paths: ['network.zone_gb_s', 'network.zone_latency_us'],
    idle: ({ network }) =>
      network.nodes_per_rack === undefined || network.racks_per_zone === undefined,
    why: 'all racks stand in one zone',
    remedy: 'leave it out, or set network.racks_per_zone',
  },
];
