import { assert } from '#core/base/assert.ts';
import { growColumn, RowAllocator } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { LinkTable } from './link-table.ts';
import { PATH_LINKS_MAX, type PathTable } from './path-table.ts';

/** Ceilings are added up in whole steps, so that the sum does not depend on their order. */
const DEMAND_STEPS = 1024;

/**
 * Flows on one path under one ceiling are a bundle: whatever the sharing, they all run at one rate.
 * So a change of rates costs a step a bundle, however many flows it has, and each flow ends when its
 * bundle has served its target.
 *
 *     path[bundle]      which links
 *     ceiling[bundle]   the lesser of the flows' limit and the narrowest link, bytes per nanosecond
 *     flows[bundle]     how many flows
 *     root[bundle]      the flow that ends first, −1 = none
 *     rate[bundle]      bytes per nanosecond of each flow, since sinceNs[bundle]
 *     served[bundle]    bytes that a flow which has always been here has moved by sinceNs[bundle]
 *     counted[bundle]   the same as links count it: at whole steps of a rate, in the steps of LinkUsage
 *     load[bundle]      what the bundle puts on each of its links, in the steps of LinkUsage
 *     finishNs[bundle]  when its first flow ends
 *     sibling[bundle]   the next bundle of the path, −1 = last
 *
 * A place is a bundle's nth link, bundle · PATH_LINKS_MAX + n. The places on a link are a list:
 *
 *     first[link] → next[place] → … → −1, and back by before[place]
 *     flowsOn[link], demand[link]   how many flows cross the link, and the sum of their ceilings
 */
export class BundleTable {
  path = new Int32Array(16);
  ceiling = new Float64Array(16);
  flows = new Int32Array(16);
  root = new Int32Array(16);
  rate = new Float64Array(16);
  served = new Float64Array(16);
  counted = new Float64Array(16);
  sinceNs = new Float64Array(16);
  load = new Float64Array(16);
  finishNs = new Float64Array(16);
  sibling = new Int32Array(16);
  next = new Int32Array(16 * PATH_LINKS_MAX);
  readonly first: Int32Array;
  readonly flowsOn: Int32Array;
  #before = new Int32Array(16 * PATH_LINKS_MAX);
  /** First bundle of each path, −1 = none. */
  #ofPath = new Int32Array(0);
  readonly #demand: Float64Array;
  readonly #links: LinkTable;
  readonly #paths: PathTable;
  readonly #rows = new RowAllocator();

  constructor(links: LinkTable, paths: PathTable) {
    this.#links = links;
    this.#paths = paths;
    this.first = new Int32Array(links.count).fill(-1);
    this.flowsOn = new Int32Array(links.count);
    this.#demand = new Float64Array(links.count);
  }

  /** The flows on a link could ask for more than it has: only such a link can slow anybody down. */
  isTight(link: number): boolean {
    return this.#demand[link]! > this.#links.capacity[link]! * DEMAND_STEPS;
  }

  /** The bundle of a path under a ceiling; a new one stands still and holds nothing. */
  of(path: number, ceiling: number, nowNs: Ns): number {
    this.#growPaths(path + 1);
    for (let at = this.#ofPath[path]!; at >= 0; at = this.sibling[at]!) {
      if (this.ceiling[at] === ceiling) return at;
    }
    return this.#open(path, ceiling, nowNs);
  }

  /** One flow more, or one less, on all links of a bundle. */
  count(bundle: number, flows: 1 | -1): void {
    this.flows[bundle]! += flows;
    const demand = Math.ceil(this.ceiling[bundle]! * DEMAND_STEPS) * flows;
    const path = this.path[bundle]!;
    for (let at = 0; at < this.#paths.length[path]!; at++) {
      const link = this.#paths.link[path * PATH_LINKS_MAX + at]!;
      this.flowsOn[link]! += flows;
      this.#demand[link]! += demand;
    }
  }

  /** Forgets a bundle without flows. */
  close(bundle: number): void {
    assert(this.flows[bundle] === 0, 'a bundle with flows is closed');
    const path = this.path[bundle]!;
    for (let at = 0; at < this.#paths.length[path]!; at++) {
      this.#leave(this.#paths.link[path * PATH_LINKS_MAX + at]!, bundle * PATH_LINKS_MAX + at);
    }
    const sibling = this.sibling[bundle]!;
    let at = this.#ofPath[path]!;
    if (at === bundle) {
      this.#ofPath[path] = sibling;
    } else {
      while (this.sibling[at] !== bundle) at = this.sibling[at]!;
      this.sibling[at] = sibling;
    }
    this.#rows.give(bundle);
  }

  #open(path: number, ceiling: number, nowNs: Ns): number {
    const bundle = this.#rows.take();
    if (bundle >= this.path.length) this.#grow(bundle + 1);
    this.path[bundle] = path;
    this.ceiling[bundle] = ceiling;
    this.flows[bundle] = 0;
    this.root[bundle] = -1;
    this.rate[bundle] = 0;
    this.served[bundle] = 0;
    this.counted[bundle] = 0;
    this.sinceNs[bundle] = nowNs;
    this.load[bundle] = 0;
    this.finishNs[bundle] = Number.POSITIVE_INFINITY;
    this.sibling[bundle] = this.#ofPath[path]!;
    this.#ofPath[path] = bundle;
    for (let at = 0; at < this.#paths.length[path]!; at++) {
      this.#join(this.#paths.link[path * PATH_LINKS_MAX + at]!, bundle * PATH_LINKS_MAX + at);
    }
    return bundle;
  }

  #join(link: number, place: number): void {
    const first = this.first[link]!;
    this.next[place] = first;
    this.#before[place] = -1;
    if (first >= 0) this.#before[first] = place;
    this.first[link] = place;
  }

  #leave(link: number, place: number): void {
    const before = this.#before[place]!;
    const next = this.next[place]!;
    if (before >= 0) this.next[before] = next;
    else this.first[link] = next;
    if (next >= 0) this.#before[next] = before;
  }

  #growPaths(paths: number): void {
    const known = this.#ofPath.length;
    if (paths <= known) return;
    this.#ofPath = growColumn(this.#ofPath, paths).fill(-1, known);
  }

  #grow(rows: number): void {
    this.path = growColumn(this.path, rows);
    this.ceiling = growColumn(this.ceiling, rows);
    this.flows = growColumn(this.flows, rows);
    this.root = growColumn(this.root, rows);
    this.rate = growColumn(this.rate, rows);
    this.served = growColumn(this.served, rows);
    this.counted = growColumn(this.counted, rows);
    this.sinceNs = growColumn(this.sinceNs, rows);
    this.load = growColumn(this.load, rows);
    this.finishNs = growColumn(this.finishNs, rows);
    this.sibling = growColumn(this.sibling, rows);
    this.next = growColumn(this.next, rows * PATH_LINKS_MAX);
    this.#before = growColumn(this.#before, rows * PATH_LINKS_MAX);
  }
}

/** The bundle that a place belongs to. */
export function bundleAt(place: number): number {
  return (place / PATH_LINKS_MAX) | 0;
}
