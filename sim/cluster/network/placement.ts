import { assert } from '#core/base/assert.ts';

/** How many GPUs stand together; infinite where all of them do. */
export interface PlaceSizes {
  readonly gpusPerNode: number;
  readonly nodesPerRack: number;
  readonly racksPerZone: number;
}

/** Where each worker stands, and how many nodes, racks and zones that fills. */
export interface Placement {
  /** gpus[worker] */
  readonly gpus: readonly number[];
  /** node[worker], rack[worker], zone[worker] */
  readonly node: readonly number[];
  readonly rack: readonly number[];
  readonly zone: readonly number[];
  /** width[node]: machines in it, more than one where a single worker needs several. */
  readonly width: readonly number[];
  readonly racks: number;
  readonly zones: number;
}

/**
 * Puts workers on nodes one after another, as a scheduler packs pods: a worker goes to the last node
 * if its GPUs fit in there, else it opens the next one. A worker with more GPUs than a machine has
 * takes whole machines for itself, and they count as one node.
 */
export function placeWorkers(gpus: readonly number[], sizes: PlaceSizes): Placement {
  const { gpusPerNode, nodesPerRack, racksPerZone } = sizes;
  assert(gpusPerNode >= 1 && nodesPerRack >= 1 && racksPerZone >= 1, 'a place holds nothing');
  const node: number[] = [];
  const rack: number[] = [];
  const width: number[] = [];
  let machines = 0;
  let free = 0;
  for (const needed of gpus) {
    if (needed > free) {
      width.push(Math.max(1, Math.ceil(needed / gpusPerNode)));
      machines += width.at(-1)!;
      free = Math.max(gpusPerNode, needed);
    }
    free -= needed;
    node.push(width.length - 1);
    rack.push(Math.floor((machines - width.at(-1)!) / nodesPerRack));
  }
  const zone = rack.map((at) => Math.floor(at / racksPerZone));
  return { gpus, node, rack, zone, width, racks: rack.at(-1)! + 1, zones: zone.at(-1)! + 1 };
}
