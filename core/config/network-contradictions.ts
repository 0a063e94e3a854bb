import type { Contradiction } from './contradiction.ts';
import { gpusOf, isDisaggregated, poolsOf } from './pools.ts';
import type { ValidatedConfig } from './schema.ts';

/** What a network cannot carry. */
export function networkContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { network, kv_transfer: transfer } = config;
  if (!isDisaggregated(config) || network.mode === 'independent') return [];
  if (transfer.bytes_per_token === undefined) {
    return [
      {
        path: 'network.mode',
        why: 'transfers share links, and nobody knows what they move',
        remedy: 'set kv_transfer.bytes_per_token, such as 131072 for Llama-3.1-8B in 16 bit',
      },
    ];
  }
  return network.nic === 'none' ? islandContradictions(config) : [];
}

/** Nodes without a card reach nobody. */
function islandContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { gpus_per_node } = config.network;
  const remedy = 'set network.nic to gpu or node, or raise network.gpus_per_node';
  const wide = poolsOf(config).find(({ config: { cluster } }) => {
    return cluster.gpus_per_worker > gpus_per_node;
  });
  if (wide !== undefined) {
    const { gpus_per_worker } = wide.config.cluster;
    const why = `a worker of pool ${wide.name} has ${gpus_per_worker} GPUs, a node has ${gpus_per_node}, and no link leads from node to node`;
    return [{ path: 'network.nic', why, remedy }];
  }
  const gpus = gpusOf(config);
  if (gpus <= gpus_per_node) return [];
  const why = `the pools fill more than one node (${gpus} GPUs, ${gpus_per_node} a node), and no link leads from node to node`;
  return [{ path: 'network.nic', why, remedy }];
}
