import { expect, test } from 'vitest';
import { writableConfig } from './effect.ts';
import { resolveConfig } from './resolve.ts';
import type { ConfigInput } from './schema.ts';

const PREFILL = { role: 'prefill', workers: 2, gpus_per_worker: 4 } as const;
const DECODE = { role: 'decode', workers: 1, gpus_per_worker: 8 } as const;
const PD = {
  cluster: { pools: [PREFILL, DECODE] },
  kv_transfer: { bytes_per_token: 131_072 },
} satisfies ConfigInput;
const SHARED = { ...PD, network: { mode: 'shared' } } satisfies ConfigInput;

test('shared links need no bandwidth of a transfer, and have capacities by kind', () => {
  const { network } = resolveConfig(SHARED);
  expect(network).toMatchObject({ gpus_per_node: 8, node_fabric: 'nvlink', nvlink_gb_s: 450 });
  expect(network).toMatchObject({ nic: 'gpu', nic_gb_s: 50 });
});

test('a bandwidth of a transfer is its limit on shared links', () => {
  const kv_transfer = { ...PD.kv_transfer, bandwidth_gb_s: 25 };
  expect(resolveConfig({ ...SHARED, kv_transfer }).kv_transfer.bandwidth_gb_s).toBe(25);
});

test('a worker that fits on a node needs no link between nodes', () => {
  const cluster = { gpus_per_worker: 16 };
  const network = { nic: 'none', gpus_per_node: 16 } as const;
  const config = resolveConfig({ cluster, network });
  expect(writableConfig(config).network).toEqual(network);
  expect(resolveConfig(writableConfig(config))).toEqual(config);
  expect(() => resolveConfig({ cluster })).not.toThrow();
});

test('what is written of a network is read again as it was, and nothing where transfers do not meet', () => {
  const network = {
    ...SHARED.network,
    nodes_per_rack: 4,
    rack_gb_s: 800,
    node_fabric: 'pcie',
  } as const;
  const config = resolveConfig({ ...SHARED, network });
  expect(resolveConfig(writableConfig(config))).toEqual(config);
  const alone = resolveConfig({ ...PD, kv_transfer: { bytes_per_token: 1, bandwidth_gb_s: 1 } });
  expect(writableConfig(alone).network).toEqual({ mode: 'independent', nic: 'gpu' });
  expect(writableConfig(resolveConfig({}))).not.toHaveProperty('network');
});

const REFUSED: readonly (readonly [why: string, input: ConfigInput, message: string])[] = [
  [
    'links without pools',
    { network: { mode: 'shared' } },
    'network.mode: has no effect: no prefill worker hands anything over to a decode worker',
  ],
  [
    'a link where transfers do not meet',
    { ...PD, kv_transfer: { bytes_per_token: 1, bandwidth_gb_s: 1 }, network: { nic_gb_s: 25 } },
    'network.nic_gb_s: has no effect: transfers do not meet on links',
  ],
  [
    'links that carry nothing',
    { ...SHARED, kv_transfer: {} },
    'network.mode: impossible: transfers share links, and nobody knows what they move',
  ],
  [
    'a worker larger than a node without a link between nodes',
    { ...SHARED, network: { mode: 'shared', nic: 'none', gpus_per_node: 4 } },
    'network.nic: impossible: a worker of pool decode has 8 GPUs, a node has 4, and no link leads from node to node',
  ],
  [
    'a worker larger than a node, where transfers do not meet',
    { ...PD, kv_transfer: {}, network: { nic: 'none', gpus_per_node: 4 } },
    'network.nic: impossible: a worker of pool decode has 8 GPUs, a node has 4, and no link leads from node to node',
  ],
  [
    'a worker larger than a node, where nothing is handed over',
    { cluster: { gpus_per_worker: 16 }, network: { nic: 'none' } },
    'network.nic: impossible: a worker has 16 GPUs, a node has 8, and no link leads from node to node; received "none"; set network.nic to gpu or node, or raise network.gpus_per_node',
  ],
  [
    'cards of workers of one GPU',
    { network: { nic: 'node' } },
    'network.nic: has no effect: no transfer meets another on links, and every worker is one GPU',
  ],
  [
    'the size of nodes that are connected',
    { cluster: { gpus_per_worker: 16 }, network: { gpus_per_node: 4 } },
    'network.gpus_per_node: has no effect: cards lead from node to node, so a worker may be wider than one',
  ],
  [
    'pools on several nodes without a link between nodes',
    { ...SHARED, network: { mode: 'shared', nic: 'none' } },
    'network.nic: impossible: the pools fill more than one node (16 GPUs, 8 a node)',
  ],
  [
    'NVLink of nodes with PCIe',
    { ...SHARED, network: { mode: 'shared', node_fabric: 'pcie', nvlink_gb_s: 900 } },
    'network.nvlink_gb_s: has no effect: the nodes have no NVLink',
  ],
  [
    'an uplink of the only rack',
    { ...SHARED, network: { mode: 'shared', rack_gb_s: 400 } },
    'network.rack_gb_s: has no effect: all nodes stand in one rack',
  ],
  [
    'an uplink of the only zone',
    { ...SHARED, network: { mode: 'shared', nodes_per_rack: 1, zone_latency_us: 9 } },
    'network.zone_latency_us: has no effect: all racks stand in one zone',
  ],
  [
    'a stream without room to go to',
    { ...SHARED, kv_transfer: { bytes_per_token: 1, streaming: 'chunks', order: 'source_first' } },
    'kv_transfer.order: impossible: a cache that is streamed needs room on a decode worker before its prompt is computed',
  ],
  [
    'layers without their number',
    { ...SHARED, kv_transfer: { bytes_per_token: 1, streaming: 'layers' } },
    'kv_transfer.streaming: impossible: how much the last layer is, which a pass leaves to be sent, is not known',
  ],
  [
    'a number of layers that nobody reads',
    { ...SHARED, kv_transfer: { bytes_per_token: 1, streaming: 'chunks', num_layers: 32 } },
    'kv_transfer.num_layers: has no effect: nothing is streamed by layers',
  ],
  [
    'a stream that takes no time',
    { cluster: PD.cluster, kv_transfer: { streaming: 'chunks' } },
    'kv_transfer.streaming: has no effect: a transfer takes no time, whatever it moves',
  ],
  [
    'a link that carries nothing at all',
    { ...SHARED, network: { mode: 'shared', nic_gb_s: 0 } },
    'network.nic_gb_s: bad value; received 0',
  ],
  [
    'an unknown kind of link',
    { ...SHARED, network: { mode: 'shared', infiniband_gb_s: 50 } as object },
    'network.infiniband_gb_s: unknown key',
  ],
];

test.each(REFUSED)('%s: refused with the reason', (_why, input, message) => {
  expect(() => resolveConfig(input)).toThrow(message);
});
