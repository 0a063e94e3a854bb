import { expect, test } from 'vitest';
import { placeWorkers } from './placement.ts';
import { type LinkKinds, Topology } from './topology.ts';

const EVERYWHERE = Number.POSITIVE_INFINITY;

const KINDS: LinkKinds = {
  nvlink: { capacity: 450, latencyNs: 2000 },
  nic: { capacity: 50, latencyNs: 5000, of: 'gpu' },
  rack: { capacity: 800, latencyNs: 1000 },
  zone: { capacity: 100, latencyNs: 500_000 },
};

/** Eight workers of four GPUs: two a node, two nodes a rack, one rack a zone. */
const placement = placeWorkers(Array(8).fill(4), {
  gpusPerNode: 8,
  nodesPerRack: 2,
  racksPerZone: 1,
});

/** The links of a path with their capacities, and what the first byte takes. */
function describe(topology: Topology, path: number): string {
  if (path < 0) return 'none';
  const { links, paths } = topology;
  const crossed = Array.from(paths.link.subarray(path * 8, path * 8 + paths.length[path]!));
  const names = crossed.map((link) => `${links.names[link]} ${links.capacity[link]}`);
  return `${names.join(' → ')}, ${paths.latencyNs[path]} ns`;
}

test('workers fill nodes, nodes fill racks, racks fill zones', () => {
  expect(placement).toMatchObject({
    node: [0, 0, 1, 1, 2, 2, 3, 3],
    rack: [0, 0, 0, 0, 1, 1, 1, 1],
    zone: [0, 0, 0, 0, 1, 1, 1, 1],
    width: [1, 1, 1, 1],
    racks: 2,
    zones: 2,
  });
});

test('a worker that does not fit opens a node, and one that is larger takes whole machines', () => {
  const sizes = { gpusPerNode: 8, nodesPerRack: 3, racksPerZone: EVERYWHERE };
  expect(placeWorkers([6, 4, 4, 12, 1, 7, 1], sizes)).toMatchObject({
    node: [0, 1, 1, 2, 3, 3, 4],
    width: [1, 1, 2, 1, 1],
    rack: [0, 0, 0, 0, 1, 1, 1],
    racks: 2,
    zones: 1,
  });
});

test('a transfer climbs no higher than it must', () => {
  const topology = new Topology(placement, KINDS);
  expect([1, 2, 4].map((to) => describe(topology, topology.between(0, to)))).toEqual([
    'worker-0/nvlink-out 1800 → worker-1/nvlink-in 1800, 2000 ns',
    'worker-0/nic-out 200 → worker-2/nic-in 200, 5000 ns',
    'worker-0/nic-out 200 → rack-0/uplink-out 800 → zone-0/uplink-out 100 → zone-1/uplink-in 100 → rack-1/uplink-in 800 → worker-4/nic-in 200, 506000 ns',
  ]);
  expect(topology.between(0, 2)).toBe(topology.between(0, 2));
});

test('without NVLink the bytes go over PCIe, and out of the node as well', () => {
  const { nic } = KINDS;
  const pcie = { capacity: 64, latencyNs: 1000 };
  const topology = new Topology(placement, { pcie, nic: { ...nic!, of: 'node' } });
  expect([1, 2, 4].map((to) => describe(topology, topology.between(0, to)))).toEqual([
    'worker-0/pcie-out 256 → worker-1/pcie-in 256, 1000 ns',
    'worker-0/pcie-out 256 → node-0/nic-out 50 → node-1/nic-in 50 → worker-2/pcie-in 256, 6000 ns',
    'worker-0/pcie-out 256 → node-0/nic-out 50 → node-2/nic-in 50 → worker-4/pcie-in 256, 6000 ns',
  ]);
});

test('nodes without cards are islands, and so is a node without any link inside', () => {
  const { nvlink, nic } = KINDS;
  const islands = new Topology(placement, { nvlink: nvlink! });
  const cards = new Topology(placement, { nic: nic! });
  expect([islands.between(0, 1) >= 0, islands.between(0, 2)]).toEqual([true, -1]);
  expect([cards.between(0, 1), cards.between(0, 2) >= 0]).toEqual([-1, true]);
});
