import type { Contradiction } from './contradiction.ts';
import { gpusOf, isDisaggregated } from './pools.ts';
import type { ValidatedConfig } from './schema.ts';

type Fleets = Pick<ValidatedConfig, 'cluster'>;

/** What a network cannot carry. */
export function networkContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { network, kv_transfer: transfer } = config;
  const wide = network.nic === 'none' ? widthContradictions(config) : [];
  if (wide.length > 0 || !isDisaggregated(config) || network.mode === 'independent') return wide;
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

/** Whether any worker has more than one GPU, which talk to each other. */
export function hasWorkersOfManyGpus(config: Fleets): boolean {
  return widestWorker(config).gpus > 1;
}

/** The GPUs of the widest worker, and whose it is. */
function widestWorker({ cluster }: Fleets): { readonly gpus: number; readonly owner: string } {
  const { pools, gpus_per_worker } = cluster;
  if (pools === undefined) return { gpus: gpus_per_worker, owner: 'a worker' };
  const widest = pools.reduce((most, pool) => {
    return pool.gpus_per_worker > most.gpus_per_worker ? pool : most;
  });
  const owner = `a worker of pool ${widest.name ?? widest.role}`;
  return { gpus: widest.gpus_per_worker, owner };
}

const REMEDY = 'set network.nic to gpu or node, or raise network.gpus_per_node';

/** GPUs of a worker talk to each other in every pass, whatever else the network carries. */
function widthContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { gpus_per_node } = config.network;
  const { gpus, owner } = widestWorker(config);
  if (gpus <= gpus_per_node) return [];
  const why = `${owner} has ${gpus} GPUs, a node has ${gpus_per_node}, and no link leads from node to node`;
  return [{ path: 'network.nic', why, remedy: REMEDY }];
}

/** Nodes without a card reach nobody. */
function islandContradictions(config: ValidatedConfig): readonly Contradiction[] {
  const { gpus_per_node } = config.network;
  const gpus = gpusOf(config);
  if (gpus <= gpus_per_node) return [];
  const why = `the pools fill more than one node (${gpus} GPUs, ${gpus_per_node} a node), and no link leads from node to node`;
  return [{ path: 'network.nic', why, remedy: REMEDY }];
}
