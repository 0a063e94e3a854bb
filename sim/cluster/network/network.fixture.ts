import { LinkTable } from './link-table.ts';
import { Network } from './network.ts';
import { PathTable } from './path-table.ts';

/** A network of a few links, with one path over each list of them. */
export function openNetwork(
  links: readonly { readonly capacity: number; readonly latencyNs?: number }[],
  paths: readonly (readonly number[])[],
): Network {
  const linkTable = new LinkTable();
  for (const [index, { capacity, latencyNs = 0 }] of links.entries()) {
    linkTable.add({ name: `link-${index}`, capacity, latencyNs });
  }
  const pathTable = new PathTable(linkTable);
  for (const path of paths) pathTable.add(path);
  return new Network(linkTable, pathTable);
}

/** Plays until nothing is under way; returns every end as [moment in ns, subject]. */
export function playAll(network: Network): [number, number][] {
  const ends: [number, number][] = [];
  while (network.nextEventNs < Number.POSITIVE_INFINITY) {
    const nowNs = network.nextEventNs;
    network.play(nowNs);
    for (let entry = 0; entry < network.ended.count; entry++) {
      ends.push([nowNs, network.ended.rows[entry]!]);
    }
  }
  return ends;
}
