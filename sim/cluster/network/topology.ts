import { assert } from '#core/base/assert.ts';
import { PairMap } from '#core/base/pair-map.ts';
import type { Ns } from '#core/base/time.ts';
import { LINK_CAPACITY_MAX, LinkTable } from './link-table.ts';
import { PathTable } from './path-table.ts';
import type { Placement } from './placement.ts';

/** One kind of link; the latency is that of the whole way from one place to another. */
export interface LinkKind {
  /** Bytes per nanosecond, which is GB/s, in each direction. */
  readonly capacity: number;
  readonly latencyNs: Ns;
}

/** The kinds of links that a cluster has; what is absent neither connects nor slows anything down. */
export interface LinkKinds {
  /** Between the GPUs of a node; capacity of one GPU. */
  readonly nvlink?: LinkKind;
  /** Between a GPU and whatever lies outside of it, in a node without NVLink the other GPUs too. */
  readonly pcie?: LinkKind;
  /** Out of the node; capacity of one GPU's card, or of all that a node has. */
  readonly nic?: LinkKind & { readonly of: 'gpu' | 'node' };
  /** Between a rack's switch and those above it; capacity of the rack. */
  readonly rack?: LinkKind;
  /** Between a zone and the others; capacity of the zone. */
  readonly zone?: LinkKind;
}

/** A link in both directions: what leaves a place, and what enters it. */
interface Port {
  readonly out: number;
  readonly in: number;
}

/**
 * A cluster as a tree of places: zones hold racks, racks hold nodes, nodes hold workers. Each place
 * has a port to the place above, one link a direction. A transfer climbs from its source to the
 * smallest place that holds both ends and down again:
 *
 *     same node      nvlink, or pcie without it: out of one worker, into the other
 *     same rack      [pcie] nic → nic [pcie]
 *     same zone      [pcie] nic, rack up → rack down, nic [pcie]
 *     beyond         [pcie] nic, rack up, zone out → zone in, rack down, nic [pcie]
 */
export class Topology {
  readonly links = new LinkTable();
  readonly paths = new PathTable(this.links);
  readonly #placement: Placement;
  readonly #nvlink: readonly Port[];
  readonly #pcie: readonly Port[];
  readonly #nic: readonly Port[];
  /** nicOf[worker]: its port in the list above. */
  readonly #nicOf: readonly number[];
  readonly #rack: readonly Port[];
  readonly #zone: readonly Port[];
  readonly #known = new PairMap();

  constructor(placement: Placement, kinds: LinkKinds) {
    this.#placement = placement;
    const { gpus, node, width, racks, zones } = placement;
    const { nic } = kinds;
    const workers = gpus.map((_, worker) => worker);
    this.#nvlink = this.#ports('worker', 'nvlink', kinds.nvlink, gpus);
    this.#pcie = this.#ports('worker', 'pcie', kinds.pcie, gpus);
    this.#nicOf = nic?.of === 'node' ? node : workers;
    this.#nic = this.#ports(
      nic?.of === 'node' ? 'node' : 'worker',
      'nic',
      nic,
      nic?.of === 'node' ? width : gpus,
    );
    const each = (places: number): number[] => Array<number>(places).fill(1);
    this.#rack = racks > 1 ? this.#ports('rack', 'uplink', kinds.rack, each(racks)) : [];
    this.#zone = zones > 1 ? this.#ports('zone', 'uplink', kinds.zone, each(zones)) : [];
  }

  /** The path from one worker to another, or −1 where nothing connects them. */
  between(from: number, to: number): number {
    assert(from !== to, `worker ${from} sends to itself`);
    const known = this.#known.get(from, to);
    if (known >= 0) return known;
    const crossed = this.#linksBetween(from, to);
    if (crossed.length === 0) return -1;
    const path = this.paths.add(crossed);
    this.#known.set(from, to, path);
    return path;
  }

  #linksBetween(from: number, to: number): readonly number[] {
    const { node, rack, zone } = this.#placement;
    if (node[from] === node[to]) {
      const ports = this.#nvlink.length > 0 ? this.#nvlink : this.#pcie;
      return [...outOf(ports, from), ...into(ports, to)];
    }
    if (this.#nic.length === 0) return [];
    const beyondRack = rack[from] !== rack[to];
    const beyondZone = zone[from] !== zone[to];
    return [
      ...this.#leaving(from),
      ...(beyondRack ? outOf(this.#rack, rack[from]!) : []),
      ...(beyondZone ? outOf(this.#zone, zone[from]!) : []),
      ...(beyondZone ? into(this.#zone, zone[to]!) : []),
      ...(beyondRack ? into(this.#rack, rack[to]!) : []),
      ...this.#entering(to),
    ];
  }

  /** From the GPUs of a worker to the outside of its node. */
  #leaving(worker: number): readonly number[] {
    return [...outOf(this.#pcie, worker), ...outOf(this.#nic, this.#nicOf[worker]!)];
  }

  /** From outside of a node to the GPUs of a worker. */
  #entering(worker: number): readonly number[] {
    return [...into(this.#nic, this.#nicOf[worker]!), ...into(this.#pcie, worker)];
  }

  /** A port of each place, as wide as its number of cards says. */
  #ports(
    place: string,
    what: string,
    kind: LinkKind | undefined,
    cards: readonly number[],
  ): readonly Port[] {
    if (kind === undefined) return [];
    return cards.map((count, index) => {
      const name = `${place}-${index}/${what}`;
      const capacity = Math.min(kind.capacity * count, LINK_CAPACITY_MAX);
      return {
        out: this.links.add({ name: `${name}-out`, capacity, latencyNs: kind.latencyNs }),
        in: this.links.add({ name: `${name}-in`, capacity, latencyNs: 0 }),
      };
    });
  }
}

function outOf(ports: readonly Port[], place: number): readonly number[] {
  return ports.length === 0 ? [] : [ports[place]!.out];
}

function into(ports: readonly Port[], place: number): readonly number[] {
  return ports.length === 0 ? [] : [ports[place]!.in];
}
