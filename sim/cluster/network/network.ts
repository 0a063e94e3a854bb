import { assert } from '#core/base/assert.ts';
import { IndexedHeap } from '#core/base/indexed-heap.ts';
import type { Ns } from '#core/base/time.ts';
import { RowList } from '../../engine/row-list.ts';
import { BundleTable } from './bundle-table.ts';
import { FairShare } from './fair-share.ts';
import { FlowHeap } from './flow-heap.ts';
import { FlowTable } from './flow-table.ts';
import type { LinkTable } from './link-table.ts';
import { LinkUsage, loadOf, stepsOf } from './link-usage.ts';
import { PATH_LINKS_MAX, type PathTable } from './path-table.ts';

/** Rounding errors below this are no time at all, when a flow's end becomes a whole nanosecond. */
const NO_TIME_NS = 1e-3;

/**
 * Transfers over shared links. A flow first waits for its first byte, then it gets its max-min fair
 * share until its bytes are across, at the first whole nanosecond by which they are. Nothing happens
 * between changes: a flow's end is a closed form of its rate.
 *
 * All that begins, is cancelled or ends at one moment counts at once: rates are found when time goes
 * on or the next event is asked for, and do not depend on the order of calls within the moment.
 */
export class Network {
  nowNs: Ns = 0;
  /** Subjects of the flows that ended when the network was last played, the smallest first. */
  readonly ended = new RowList();
  readonly #usage: LinkUsage;
  readonly #paths: PathTable;
  readonly #flows = new FlowTable();
  readonly #heap = new FlowHeap(this.#flows);
  readonly #bundles: BundleTable;
  readonly #fair: FairShare;
  /** Flows that wait for their first byte. */
  readonly #joining = new IndexedHeap();
  /** Bundles by the end of their first flow. */
  readonly #finishing = new IndexedHeap();

  /** All links must have been declared; paths may follow. */
  constructor(links: LinkTable, paths: PathTable) {
    this.#usage = new LinkUsage(links);
    this.#paths = paths;
    this.#bundles = new BundleTable(links, paths);
    this.#fair = new FairShare(links, paths, this.#bundles);
  }

  /** Flows that have begun and neither ended nor been cancelled. */
  get flows(): number {
    return this.#flows.used;
  }

  /** How much each link is used, with all that this moment has changed. */
  get usage(): LinkUsage {
    this.#settle();
    return this.#usage;
  }

  /** When the network has to be played next; infinite when nothing is under way. */
  get nextEventNs(): Ns {
    this.#settle();
    return this.#nextNs;
  }

  /**
   * Begins to move `bytes` over a path and returns the flow's row, which is good until the flow ends
   * or is cancelled. `subject` is the caller's number for it, distinct among flows under way;
   * `limit`, in bytes per nanosecond, is what its ends can send and take at most.
   */
  start(path: number, bytes: number, subject: number, nowNs: Ns, limit = Infinity): number {
    assert(path >= 0 && path < this.#paths.count, `there is no path ${path}`);
    assert(bytes >= 0 && limit > 0, `${bytes} bytes at most at ${limit} bytes/ns cannot flow`);
    this.#enter(nowNs);
    const joinNs = nowNs + this.#paths.latencyNs[path]!;
    const flow = this.#flows.open(subject, path, bytes, limit, joinNs);
    this.#joining.push(flow, joinNs, flow);
    return flow;
  }

  /** Ends a flow before its time; what it used goes to the others. Returns the bytes it has moved. */
  cancel(flow: number, nowNs: Ns): number {
    this.#enter(nowNs);
    const moved = this.moved(flow, nowNs);
    if (this.#flows.bundle[flow] === -1) this.#joining.remove(flow);
    else this.#leave(flow);
    this.#flows.close(flow);
    return moved;
  }

  /** What a flow can use at most, in bytes per nanosecond, is another limit from now on. */
  setLimit(flow: number, limit: number, nowNs: Ns): void {
    this.#enter(nowNs);
    const { bundle: bundleOf, target, countedBefore } = this.#flows;
    const bundle = bundleOf[flow]!;
    assert(bundle >= -1 && limit > 0, `flow ${flow} cannot flow at ${limit} bytes/ns`);
    this.#flows.limit[flow] = limit;
    if (bundle < 0 || this.#ceiling(flow) === this.#bundles.ceiling[bundle]) return;
    this.#advance(bundle);
    const left = Math.max(0, target[flow]! - this.#bundles.served[bundle]!);
    const counted = this.#bundles.counted[bundle]! - countedBefore[flow]!;
    this.#leave(flow);
    this.#join(flow, left, counted);
  }

  /** Whole bytes that a flow has moved by `nowNs`, which must not lie beyond the next event. */
  moved(flow: number, nowNs: Ns): number {
    const { bundle: bundleOf, bytes, target } = this.#flows;
    const bundle = bundleOf[flow]!;
    assert(bundle >= -1, `flow ${flow} is not under way`);
    if (bundle < 0) return 0;
    const { served, rate, sinceNs } = this.#bundles;
    const reached = served[bundle]! + rate[bundle]! * (nowNs - sinceNs[bundle]!);
    const left = Math.max(0, target[flow]! - reached);
    return Math.max(0, Math.floor(bytes[flow]! - left));
  }

  /** Bytes per nanosecond at which a flow moves from this moment on; 0 before its first byte. */
  rate(flow: number): number {
    this.#settle();
    const bundle = this.#flows.bundle[flow]!;
    assert(bundle >= -1, `flow ${flow} is not under way`);
    return bundle < 0 ? 0 : this.#bundles.rate[bundle]!;
  }

  /** Plays what is due at `nowNs`: flows that end are listed in `ended`, others get their first byte. */
  play(nowNs: Ns): void {
    this.#enter(nowNs);
    this.ended.clear();
    const { finishNs, root } = this.#bundles;
    while (this.#finishing.size > 0 && finishNs[this.#finishing.first]! <= nowNs) {
      const bundle = this.#finishing.pop();
      while (root[bundle]! >= 0 && this.#endOf(bundle, nowNs) <= nowNs) {
        const flow = root[bundle]!;
        this.#settleBytes(bundle, flow);
        this.ended.push(this.#flows.subject[flow]!);
        this.#leave(flow);
        this.#flows.close(flow);
      }
    }
    if (this.ended.count > 1) this.ended.rows.subarray(0, this.ended.count).sort();
  }

  get #nextNs(): Ns {
    const joining = this.#joining;
    const finishing = this.#finishing;
    const joinNs = joining.size > 0 ? this.#flows.joinNs[joining.first]! : Infinity;
    const finishNs = finishing.size > 0 ? this.#bundles.finishNs[finishing.first]! : Infinity;
    return Math.min(joinNs, finishNs);
  }

  /** Time goes on to `nowNs`: what the last moment has changed takes effect. */
  #enter(nowNs: Ns): void {
    assert(nowNs >= this.nowNs, 'the network is asked about the past');
    if (nowNs === this.nowNs) return;
    this.#settle();
    assert(nowNs <= this.#nextNs, `an event of the network at ${this.#nextNs} ns is passed over`);
    this.nowNs = nowNs;
  }

  /** Finds the rates of this moment, with all that it has changed. */
  #settle(): void {
    const joining = this.#joining;
    while (joining.size > 0 && this.#flows.joinNs[joining.first]! <= this.nowNs) {
      const flow = joining.pop();
      this.#join(flow, this.#flows.bytes[flow]!, 0);
    }
    const fair = this.#fair;
    if (fair.reached.count === 0) return;
    fair.fill();
    for (let index = 0; index < fair.reached.count; index++) {
      this.#retime(fair.reached.rows[index]!);
    }
    fair.clear();
  }

  /** A flow with `left` bytes to go, and `counted` steps of what links have counted of it, flows on. */
  #join(flow: number, left: number, counted: number): void {
    const { path, bundle: bundleOf, target, countedBefore } = this.#flows;
    const bundle = this.#bundles.of(path[flow]!, this.#ceiling(flow), this.nowNs);
    this.#advance(bundle);
    bundleOf[flow] = bundle;
    target[flow] = this.#bundles.served[bundle]! + left;
    countedBefore[flow] = this.#bundles.counted[bundle]! - counted;
    this.#bundles.root[bundle] = this.#heap.add(this.#bundles.root[bundle]!, flow);
    this.#bundles.count(bundle, 1);
    this.#fair.reach(bundle);
  }

  #ceiling(flow: number): number {
    const { limit, path } = this.#flows;
    return Math.min(limit[flow]!, this.#paths.narrowest[path[flow]!]!);
  }

  #leave(flow: number): void {
    const bundle = this.#flows.bundle[flow]!;
    this.#fair.reach(bundle);
    this.#fair.reachTightLinks(bundle);
    this.#bundles.root[bundle] = this.#heap.remove(this.#bundles.root[bundle]!, flow);
    this.#bundles.count(bundle, -1);
  }

  /**
   * Links have counted a flow that ends by its rate in whole steps, until a whole nanosecond: puts
   * that right to its bytes.
   */
  #settleBytes(bundle: number, flow: number): void {
    const { counted, rate, sinceNs, path } = this.#bundles;
    const { bytes, countedBefore } = this.#flows;
    const steps = loadOf(rate[bundle]!, 1) * (this.nowNs - sinceNs[bundle]!);
    const owed = stepsOf(bytes[flow]!) - (counted[bundle]! + steps - countedBefore[flow]!);
    for (let at = 0; at < this.#paths.length[path[bundle]!]!; at++) {
      this.#usage.correct(this.#paths.link[path[bundle]! * PATH_LINKS_MAX + at]!, owed);
    }
  }

  /** Gives a bundle the rate that was found for it, and the moment at which its first flow ends. */
  #retime(bundle: number): void {
    const { flows, rate, load, finishNs } = this.#bundles;
    const share = flows[bundle] === 0 ? 0 : this.#fair.share[bundle]!;
    if (share !== rate[bundle]) {
      this.#advance(bundle);
      rate[bundle] = share;
    }
    this.#carry(bundle, loadOf(share, flows[bundle]!) - load[bundle]!);
    const finishing = this.#finishing.has(bundle);
    const endNs = flows[bundle] === 0 ? Infinity : this.#endOf(bundle, this.nowNs);
    if (finishing && endNs === finishNs[bundle]) return;
    if (finishing) this.#finishing.remove(bundle);
    finishNs[bundle] = endNs;
    if (flows[bundle] === 0) this.#bundles.close(bundle);
    else this.#finishing.push(bundle, endNs, bundle);
  }

  /** The whole nanosecond, not before `nowNs`, by which the first flow of a bundle is across. */
  #endOf(bundle: number, nowNs: Ns): Ns {
    const { root, served, rate, sinceNs } = this.#bundles;
    const left = this.#flows.target[root[bundle]!]! - served[bundle]!;
    return Math.max(nowNs, sinceNs[bundle]! + Math.ceil(left / rate[bundle]! - NO_TIME_NS));
  }

  #advance(bundle: number): void {
    const { served, counted, rate, sinceNs } = this.#bundles;
    const spanNs = this.nowNs - sinceNs[bundle]!;
    served[bundle]! += rate[bundle]! * spanNs;
    counted[bundle]! += loadOf(rate[bundle]!, 1) * spanNs;
    sinceNs[bundle] = this.nowNs;
  }

  /** Changes what a bundle puts on each of its links. */
  #carry(bundle: number, steps: number): void {
    if (steps === 0) return;
    this.#bundles.load[bundle]! += steps;
    const path = this.#bundles.path[bundle]!;
    for (let at = 0; at < this.#paths.length[path]!; at++) {
      this.#usage.change(this.#paths.link[path * PATH_LINKS_MAX + at]!, steps, this.nowNs);
    }
  }
}
