import type { Ns } from '#core/base/time.ts';
import type { PoolRole } from '#core/config/pools.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { EngineWorker } from '../engine/engine-worker.ts';
import type { EngineState } from '../engine/rank/engine-state.ts';
import type { ArrivalQueries } from './arrival-queries.ts';
import type { HandOffTable } from './hand-off.ts';
import type { KvEventFeed } from './kv-event-feed.ts';
import type { LoadReports } from './load-reports.ts';
import { PassEnds } from './pass-ends.ts';
import type { ProgressTeller } from './progress-teller.ts';

/** What a pool is made of, see `open-pool.ts`. */
export interface PoolParts {
  readonly name: string;
  readonly role: PoolRole;
  readonly workers: number;
  /** Numbers for workers that will come from other pools. */
  readonly joiners: number;
  /** Its first worker's place among the workers that all pools begin with. */
  readonly firstPlace: number;
  readonly gpusPerWorker: number;
  /** Groups say by their number what its workers are. */
  readonly isGrouped: boolean;
  /** Ranks of a worker; each is a target of its own for the router. */
  readonly ranks: number;
  readonly state: EngineState;
  /** Makes a worker; `firstTarget` is what the router calls its first rank. */
  readonly openWorker: (firstTarget: number) => EngineWorker;
  readonly router: RoutingMachine;
  readonly queries: ArrivalQueries;
  readonly feed: KvEventFeed;
  /** Where the router judges workers by their KV blocks. */
  readonly loads: LoadReports | undefined;
  /** Absent where the router does not track output blocks. */
  readonly progress: ProgressTeller | undefined;
}

/**
 * Workers that are alike, and the router in front of them. A pool tells its router what happens to
 * its workers; what the router decides is carried out by the cluster.
 */
export class Pool {
  readonly name: string;
  readonly role: PoolRole;
  readonly gpusPerWorker: number;
  readonly isGrouped: boolean;
  readonly ranks: number;
  readonly state: EngineState;
  readonly router: RoutingMachine;
  /** Those that it begins with, and after them those that come from other pools. */
  readonly workers: readonly EngineWorker[];
  readonly workersAtStart: number;
  /** Workers that take requests: all it begins with, until some go or come. */
  serving: number;
  /** Where each worker stands: its number among those that all pools begin with. */
  readonly places: Int32Array;
  /** Number of its first worker, and of its first target, among those of all pools. */
  readonly firstWorker: number;
  readonly firstTarget: number;
  /** Decisions of its router are being carried out. */
  applies = false;
  /** When its router asks to be woken; infinite when it does not. */
  wakeupNs: Ns = Number.POSITIVE_INFINITY;
  readonly #queries: ArrivalQueries;
  readonly #feed: KvEventFeed;
  readonly #loads: LoadReports | undefined;
  readonly #progress: ProgressTeller | undefined;
  readonly #passEnds: PassEnds;

  constructor(parts: PoolParts, firstWorker: number, firstTarget: number) {
    const { ranks, router, state, openWorker } = parts;
    this.name = parts.name;
    this.role = parts.role;
    this.gpusPerWorker = parts.gpusPerWorker;
    this.isGrouped = parts.isGrouped;
    this.ranks = ranks;
    this.state = state;
    this.router = router;
    this.firstWorker = firstWorker;
    this.firstTarget = firstTarget;
    this.workersAtStart = parts.workers;
    this.serving = parts.workers;
    const length = parts.workers + parts.joiners;
    this.workers = Array.from({ length }, (_, worker) => openWorker(worker * ranks));
    this.places = Int32Array.from({ length }, (_, worker) => parts.firstPlace + worker);
    this.#queries = parts.queries;
    this.#feed = parts.feed;
    this.#loads = parts.loads;
    this.#progress = parts.progress;
    this.#passEnds = new PassEnds(router, state.sequences);
  }

  /** Whether its router is told how far requests have generated, before it decides. */
  get tellsProgress(): boolean {
    return this.#progress !== undefined;
  }

  get targets(): number {
    return this.workers.length * this.ranks;
  }

  /** What its router calls the ranks of a worker. */
  targetsOf(index: number): readonly number[] {
    return Array.from({ length: this.ranks }, (_, rank) => index * this.ranks + rank);
  }

  /** Requests in the router's queue and in the workers'. */
  get queued(): number {
    let queued = this.router.pendingCount;
    for (const worker of this.workers) queued += worker.waitingRequests;
    return queued;
  }

  /** KV blocks of each of its targets: those in use, and all. */
  *blocks(): Generator<readonly [active: number, capacity: number]> {
    for (const worker of this.workers) {
      for (let rank = 0; rank < this.ranks; rank++) {
        const { active, capacity } = worker.pool(rank);
        yield [active, capacity];
      }
    }
  }

  /** A request asks the router for a target; the decisions are the caller's to carry out. */
  arrive(row: number, nowNs: Ns): void {
    const query = this.#queries.of(row);
    this.#feed.deliverDue(nowNs);
    this.router.arrive(query, nowNs);
  }

  /** The same for one whose prompt is computed elsewhere, where the router looks at prompts. */
  takeOver(row: number, nowNs: Ns): void {
    const query = this.#queries.ofHandedOver(row);
    this.#feed.deliverDue(nowNs);
    this.router.arrive(query, nowNs);
  }

  /**
   * A request asks the router of this pool whether its prompt is computed here, or in the prefill
   * pool; the decision is the caller's to carry out.
   */
  askWherePrefilled(row: number, prefill: Pool, handOffs: HandOffTable, nowNs: Ns): void {
    const query = this.#queries.ofAsked(row);
    prefill.#look(row, query, nowNs);
    const share = 1 / (prefill.serving * prefill.ranks);
    query.promisedTokens = handOffs.promisedTokens * share;
    query.promisedRequests = handOffs.promisedRequests * share;
    handOffs.asked(row, Math.max(0, query.inputTokens - Math.max(0, query.prefillCachedTokens)));
    this.#feed.deliverDue(nowNs);
    this.router.arrive(query, nowNs);
  }

  /** Writes to the query of another pool what its request would meet in this one. */
  #look(row: number, asked: RouteQuery, nowNs: Ns): void {
    const query = this.#queries.ofPromptOf(row, asked);
    this.#feed.deliverDue(nowNs);
    this.router.look(query, nowNs, asked);
  }

  /** Waiting requests may leave the router because time has passed. */
  wakeRouter(nowNs: Ns): void {
    this.#feed.deliverDue(nowNs);
    this.router.tick(nowNs);
  }

  /** Tells the router how far all requests have generated, before it decides. */
  tellProgress(nowNs: Ns): void {
    const progress = this.#progress;
    if (progress === undefined) return;
    progress.nowNs = nowNs;
    for (const worker of this.workers) worker.tellProgress(nowNs, progress);
  }

  /** The request is over: whoever waits in the router may have its place. */
  free(row: number, nowNs: Ns): void {
    this.#feed.deliverDue(nowNs);
    this.router.free(row, nowNs);
  }

  /** Tells the router what one rank of a worker has stored and evicted. */
  #publishBlocks(index: number, rank: number, nowNs: Ns): void {
    const target = index * this.ranks + rank;
    const { events, active } = this.workers[index]!.pool(rank);
    this.#feed.publish(target, events, nowNs);
    this.#loads?.publish(target, active, nowNs);
  }

  /** Tells the router what a pass of a worker has changed, or what was changed between two passes. */
  publish(index: number, nowNs: Ns): void {
    const worker = this.workers[index]!;
    const { ranks } = this;
    for (let rank = 0; rank < ranks; rank++) this.#publishBlocks(index, rank, nowNs);
    this.#feed.deliverDue(nowNs);
    const { ended } = worker;
    if (this.#progress !== undefined && ended.count > 0) {
      this.#progress.nowNs = nowNs;
      worker.tellProgress(nowNs, this.#progress);
    }
    const firstTokens = this.role === 'prefill' ? worker.held : worker.firstTokens;
    if (firstTokens.count + ended.count > 0) this.#passEnds.tell(firstTokens, ended, nowNs);
  }
}
