import { growColumn } from '#core/base/columns.ts';
import { IndexedHeap } from '#core/base/indexed-heap.ts';
import { RowList } from '../../engine/row-list.ts';
import { type BundleTable, bundleAt } from './bundle-table.ts';
import type { LinkTable } from './link-table.ts';
import { PATH_LINKS_MAX, type PathTable } from './path-table.ts';

/**
 * Max-min fair rates by progressive filling (Bertsekas and Gallager, Data Networks, §6.5): all rates
 * rise together until a link is full or a flow has reached its ceiling; those flows keep that rate,
 * and the others rise on.
 *
 * Only what a change can reach is filled anew: the bundles on links that it touched, those on tight
 * links of theirs, and so on. Links that are not tight slow nobody down and spread nothing.
 *
 * All flows that are settled in one round have the same rate, and a link gives them away at once as
 * a count times that rate. So rates do not depend on the order in which bundles came.
 */
export class FairShare {
  /** Bundles that the last filling reached. */
  readonly reached = new RowList();
  /** share[bundle]: bytes per nanosecond of each of its flows, for bundles that were reached. */
  share = new Float64Array(16);
  readonly #links: LinkTable;
  readonly #paths: PathTable;
  readonly #bundles: BundleTable;
  #isReached = new Uint8Array(16);
  /** Links that spread a change, and those that fill up. */
  readonly #spreading = new RowList();
  readonly #isSpreading: Uint8Array;
  /** Of each tight link: bytes per nanosecond that nobody has yet, and flows that still rise. */
  readonly #left: Float64Array;
  readonly #rising: Int32Array;
  /** Flows of a link that are settled in this round, and the links that have any. */
  readonly #settling: Int32Array;
  readonly #touched = new RowList();
  readonly #level: Float64Array;
  readonly #byLevel = new IndexedHeap();
  readonly #byCeiling = new IndexedHeap();

  constructor(links: LinkTable, paths: PathTable, bundles: BundleTable) {
    this.#links = links;
    this.#paths = paths;
    this.#bundles = bundles;
    this.#isSpreading = new Uint8Array(links.count);
    this.#left = new Float64Array(links.count);
    this.#rising = new Int32Array(links.count);
    this.#settling = new Int32Array(links.count);
    this.#level = new Float64Array(links.count);
  }

  /** A bundle has changed; the next filling begins from it. */
  reach(bundle: number): void {
    if (bundle >= this.share.length) {
      this.share = growColumn(this.share, bundle + 1);
      this.#isReached = growColumn(this.#isReached, bundle + 1);
    }
    if (this.#isReached[bundle] === 1) return;
    this.#isReached[bundle] = 1;
    this.reached.push(bundle);
  }

  /** The tight links of a bundle spread its change, even if they will not be tight any more. */
  reachTightLinks(bundle: number): void {
    const path = this.#bundles.path[bundle]!;
    const { link: linkOf, length } = this.#paths;
    for (let at = 0; at < length[path]!; at++) {
      const link = linkOf[path * PATH_LINKS_MAX + at]!;
      if (this.#isSpreading[link] === 1 || !this.#bundles.isTight(link)) continue;
      this.#isSpreading[link] = 1;
      this.#spreading.push(link);
    }
  }

  /** Finds the share of every bundle within reach. */
  fill(): void {
    this.#spread();
    this.#open();
    while (this.#byCeiling.size > 0) {
      const ceiling = this.#bundles.ceiling[this.#byCeiling.first]!;
      const link = this.#byLevel.size > 0 ? this.#byLevel.first : -1;
      if (link < 0 || ceiling <= this.#level[link]!) this.#settleCeiling(ceiling);
      else this.#settleLink(link);
    }
  }

  /** What was reached has been taken; the next filling begins from nothing. */
  clear(): void {
    for (let index = 0; index < this.reached.count; index++) {
      this.#isReached[this.reached.rows[index]!] = 0;
    }
    this.reached.clear();
  }

  /** Goes from links to bundles to links until nothing new is reached; both lists are queues. */
  #spread(): void {
    let bundles = 0;
    let links = 0;
    while (bundles < this.reached.count || links < this.#spreading.count) {
      if (bundles < this.reached.count) this.reachTightLinks(this.reached.rows[bundles++]!);
      else this.#reachBundles(this.#spreading.rows[links++]!);
    }
  }

  #reachBundles(link: number): void {
    const { first, next } = this.#bundles;
    for (let place = first[link]!; place >= 0; place = next[place]!) this.reach(bundleAt(place));
  }

  /** All rates are 0, and all links within reach empty. */
  #open(): void {
    const { capacity } = this.#links;
    const { flows, flowsOn, ceiling } = this.#bundles;
    for (let index = 0; index < this.#spreading.count; index++) {
      const link = this.#spreading.rows[index]!;
      this.#isSpreading[link] = 0;
      if (!this.#bundles.isTight(link)) continue;
      this.#left[link] = capacity[link]!;
      this.#rising[link] = flowsOn[link]!;
      this.#raise(link);
    }
    this.#spreading.clear();
    for (let index = 0; index < this.reached.count; index++) {
      const bundle = this.reached.rows[index]!;
      if (flows[bundle]! > 0) this.#byCeiling.push(bundle, ceiling[bundle]!, bundle);
    }
  }

  /** The rate at which a link would be full, if all flows that still rise got it. */
  #raise(link: number): void {
    if (this.#rising[link] === 0) return;
    const level = this.#left[link]! / this.#rising[link]!;
    this.#level[link] = level;
    this.#byLevel.push(link, level, link);
  }

  /** Every bundle with this ceiling has reached it. */
  #settleCeiling(ceiling: number): void {
    const byCeiling = this.#byCeiling;
    while (byCeiling.size > 0 && this.#bundles.ceiling[byCeiling.first] === ceiling) {
      this.#settle(byCeiling.pop(), ceiling);
    }
    this.#giveAway(ceiling);
  }

  /** A link is full: all that still rise on it keep their rate. */
  #settleLink(link: number): void {
    const level = this.#level[link]!;
    const { first, next } = this.#bundles;
    for (let place = first[link]!; place >= 0; place = next[place]!) {
      const bundle = bundleAt(place);
      if (!this.#byCeiling.has(bundle)) continue;
      this.#byCeiling.remove(bundle);
      this.#settle(bundle, level);
    }
    this.#giveAway(level);
  }

  #settle(bundle: number, rate: number): void {
    this.share[bundle] = rate;
    const path = this.#bundles.path[bundle]!;
    const { link: linkOf, length } = this.#paths;
    for (let at = 0; at < length[path]!; at++) {
      const link = linkOf[path * PATH_LINKS_MAX + at]!;
      if (!this.#byLevel.has(link)) continue;
      if (this.#settling[link] === 0) this.#touched.push(link);
      this.#settling[link]! += this.#bundles.flows[bundle]!;
    }
  }

  /** Links hand out what this round's flows got, and the others rise towards a new level. */
  #giveAway(rate: number): void {
    for (let index = 0; index < this.#touched.count; index++) {
      const link = this.#touched.rows[index]!;
      this.#left[link]! -= this.#settling[link]! * rate;
      this.#rising[link]! -= this.#settling[link]!;
      this.#settling[link] = 0;
      this.#byLevel.remove(link);
      this.#raise(link);
    }
    this.#touched.clear();
  }
}
