import type { Ns } from '#core/base/time.ts';
import { QUEUE_REJECTED, REMOTE_PREFILL } from '#core/router/decisions.ts';
import type { EngineWorker } from '../engine/engine-worker.ts';
import { RowList } from '../engine/row-list.ts';
import { EventQueue, Phase } from '../kernel/event-queue.ts';
import { RequestStatus, type RequestTable } from '../workload/request-table.ts';
import type { Workload } from '../workload/workload.ts';
import { ClientWatch } from './client-watch.ts';
import { assertNothingStalled, timeExhausted } from './dead-ends.ts';
import { Departures, type DeparturesHost } from './departures.ts';
import { Disaggregation } from './disaggregation.ts';
import type { DisaggregationParts } from './disaggregation-parts.ts';
import type { EncodeStage } from './encode/encode-stage.ts';
import { FleetView } from './fleet-view.ts';
import type { Pool } from './pool.ts';
import { RejectionTally } from './rejection-tally.ts';
import type { RoleChanges } from './role-changes.ts';
import type { Timeline } from './timeline.ts';

/** The parts of a cluster, built by `sim/run.ts`. */
export interface ClusterParts {
  /** One that serves whole requests, or one that prefills and one that decodes. */
  readonly pools: readonly Pool[];
  /** Every request of the run. */
  readonly requests: RequestTable;
  /** What encodes images and the like before a router is asked; absent where nobody does. */
  readonly encode?: EncodeStage;
  /** Prefill apart from decode; absent with one pool. */
  readonly disaggregation?: DisaggregationParts;
  /** Workers that change pools; absent where all stay. */
  readonly roleChanges?: RoleChanges;
  readonly workload: Workload;
  /** Infinite without a limit. */
  readonly maxSimTimeNs: Ns;
  /** Where the state at each step of time is written, if anybody asks for it. */
  readonly timeline?: Timeline;
}

/**
 * Pools of workers in virtual time. One instant is played in the phases of the kernel: passes that
 * end, then transfers that end, then arrivals, then the passes that begin.
 */
export class Cluster implements DeparturesHost {
  nowNs: Ns = 0;
  events = 0;
  arrived = 0;
  ended = 0;
  /** Passes have begun at this very moment already: one that took no time led to another round. */
  passesBegan = false;
  readonly queueRejections = new RejectionTally();
  /** What can be seen of it at this moment. */
  readonly fleet: FleetView;
  readonly #parts: ClusterParts;
  readonly #pools: readonly Pool[];
  /** Those whose routers are told how far requests have generated. */
  readonly #telling: readonly Pool[];
  readonly #disaggregation: Disaggregation | undefined;
  /** By number of the worker among those of all pools. */
  readonly #workers: readonly EngineWorker[];
  readonly #poolOf: readonly Pool[];
  readonly #queue = new EventQueue();
  readonly #clients: ClientWatch;
  readonly #departures: Departures;
  /** Workers that may begin a pass when the instant's facts are all known. */
  readonly #ready = new RowList();
  readonly #isReady: Uint8Array;
  /** Requests are encoded or handed over, or workers change pools. */
  readonly #hasStages: boolean;
  /** Infinite when nobody asks for a timeline. */
  #nextSampleNs: Ns;
  /** Up to then neither the timeline nor the end of the run is in the way of an instant. */
  #undisturbedNs: Ns = 0;

  constructor(parts: ClusterParts) {
    const { pools, encode, disaggregation, roleChanges } = parts;
    this.#parts = parts;
    this.#pools = pools;
    this.#telling = pools.filter((pool) => pool.tellsProgress);
    this.#workers = pools.flatMap((pool) => pool.workers);
    this.#poolOf = pools.flatMap((pool) => pool.workers.map(() => pool));
    this.#clients = new ClientWatch(parts.requests);
    this.#isReady = new Uint8Array(this.#workers.length);
    this.#hasStages = (encode ?? disaggregation ?? roleChanges) !== undefined;
    this.#nextSampleNs = parts.timeline?.nextNs ?? Number.POSITIVE_INFINITY;
    this.#disaggregation = disaggregation && new Disaggregation(this, disaggregation);
    this.#departures = new Departures(this, {
      clients: this.#clients,
      requests: parts.requests,
      pool: pools.at(-1)!,
      encode,
      disaggregation: this.#disaggregation,
    });
    this.fleet = new FleetView({ pools, encode, links: disaggregation?.links });
  }

  /** The run is over: the last step of the timeline ends now. */
  finish(): void {
    this.#disaggregation?.finish();
    this.#parts.timeline?.finish(this.nowNs, this.#pending(), this.fleet);
  }

  /**
   * Plays the next instant; false when nothing is left to happen. What only some clusters have is in
   * methods of its own, asked for by one flag: V8 then inlines all that the others do.
   */
  playInstant(): boolean {
    const { workload } = this.#parts;
    const clients = this.#clients;
    const isOver = this.#hasStages && this.#isOver();
    let eventNs = Math.min(this.#queue.nextTimeNs, workload.nextArrivalNs, clients.nextNs);
    if (this.#hasStages) eventNs = Math.min(eventNs, this.#nextStageNs(isOver));
    if (eventNs === Number.POSITIVE_INFINITY) return this.#stop();
    const wakeupNs = this.#nextWakeupNs();
    const nowNs = Math.min(eventNs, wakeupNs);
    if (nowNs > this.#undisturbedNs && !this.#mayGoOnTo(nowNs)) return false;
    this.passesBegan = nowNs === this.nowNs && this.events > 0;
    if (this.#telling.length > 0) this.#tellWaited(nowNs);
    this.#completeDuePasses(nowNs);
    if (clients.nextNs === nowNs) this.#clientsLeave(nowNs);
    if (this.#hasStages) this.#enterEncoded(nowNs);
    if (workload.nextArrivalNs === nowNs) this.#takeArrivals(nowNs);
    if (wakeupNs === nowNs) this.#wakeRouters(nowNs);
    // Leaps that an arrival has cut off at this very moment.
    this.#completeDuePasses(nowNs);
    if (this.#hasStages && !isOver) this.#changeRoles(nowNs);
    const ready = this.#ready;
    for (let index = 0; index < ready.count; index++) this.#startPass(ready.rows[index]!);
    ready.clear();
    if (this.#hasStages) this.#parts.encode?.beginPasses(nowNs);
    return true;
  }

  /** Nothing is left to happen. */
  #stop(): false {
    assertNothingStalled(this.arrived - this.ended, this.nowNs);
    return false;
  }

  /** No request is under way or to come; ends of passes that a leap has overtaken may be in the queue. */
  #isOver(): boolean {
    const { workload } = this.#parts;
    return this.arrived === this.ended && workload.nextArrivalNs === Number.POSITIVE_INFINITY;
  }

  /** When something is encoded, handed over or, unless the run is over, a worker changes pools. */
  #nextStageNs(isOver: boolean): Ns {
    const { roleChanges, encode } = this.#parts;
    return Math.min(
      this.#disaggregation?.nextTransferNs ?? Number.POSITIVE_INFINITY,
      encode?.nextNs ?? Number.POSITIVE_INFINITY,
      isOver || roleChanges === undefined ? Number.POSITIVE_INFINITY : roleChanges.nextNs,
    );
  }

  /** Whether the run goes on to this moment; the timeline is written up to it. */
  #mayGoOnTo(nowNs: Ns): boolean {
    const { maxSimTimeNs } = this.#parts;
    if (nowNs > maxSimTimeNs) return false;
    if (nowNs > Number.MAX_SAFE_INTEGER) throw timeExhausted();
    if (nowNs > this.#nextSampleNs) this.#sampleUntil(nowNs);
    this.#undisturbedNs = Math.min(maxSimTimeNs, Number.MAX_SAFE_INTEGER, this.#nextSampleNs);
    return true;
  }

  /** Workers go and come, and whoever waited for them is decided on. */
  #changeRoles(nowNs: Ns): void {
    if (this.#parts.roleChanges?.advance(nowNs) !== true) return;
    this.nowNs = nowNs;
    this.events++;
    for (const pool of this.#pools) this.applyDecisions(pool);
  }

  /** Requests in the routers' queues. */
  #pending(): number {
    return this.#pools.reduce((pending, { router }) => pending + router.pendingCount, 0);
  }

  #sampleUntil(nowNs: Ns): void {
    const { timeline } = this.#parts;
    if (timeline === undefined) return;
    timeline.advance(nowNs, this.#pending(), this.fleet);
    this.#nextSampleNs = timeline.nextNs;
  }

  /** When the first of the routers asks to be woken; infinite when none does. */
  #nextWakeupNs(): Ns {
    const pools = this.#pools;
    let wakeupNs = Number.POSITIVE_INFINITY;
    for (let index = 0; index < pools.length; index++) {
      const pool = pools[index]!;
      pool.wakeupNs = pool.router.nextWakeupNs() ?? Number.POSITIVE_INFINITY;
      wakeupNs = Math.min(wakeupNs, pool.wakeupNs);
    }
    return wakeupNs;
  }

  /** Ends all passes that end now, and does what hand-offs make of it, until no more follows. */
  #completeDuePasses(nowNs: Ns): void {
    if (this.#queue.nextTimeNs === nowNs) this.#completePasses(nowNs);
    if (this.#disaggregation !== undefined) this.#handOver(this.#disaggregation, nowNs);
  }

  #handOver(disaggregation: Disaggregation, nowNs: Ns): void {
    for (;;) {
      if (disaggregation.nextTransferNs === nowNs) {
        this.nowNs = nowNs;
        this.events++;
      }
      disaggregation.advance(nowNs);
      if (this.#queue.nextTimeNs !== nowNs) return;
      this.#completePasses(nowNs);
    }
  }

  #completePasses(nowNs: Ns): void {
    const queue = this.#queue;
    while (queue.nextTimeNs === nowNs) {
      queue.pop();
      const worker = this.#workers[queue.subject]!;
      // An overtaken event is no moment of the run: the clock does not stop there.
      if (worker.version !== queue.version) continue;
      this.nowNs = nowNs;
      this.events++;
      worker.completePass();
      this.#drain(this.#poolOf[queue.subject]!, queue.subject, worker);
    }
  }

  /** Waiting requests may leave because time has passed. */
  #wakeRouters(nowNs: Ns): void {
    this.nowNs = nowNs;
    for (const pool of this.#pools) {
      if (pool.wakeupNs !== nowNs) continue;
      this.events++;
      pool.wakeRouter(nowNs);
      this.applyDecisions(pool);
    }
  }

  /** Tells the routers in which somebody waits how far all requests have generated. */
  #tellWaited(nowNs: Ns): void {
    for (const pool of this.#telling) if (pool.router.pendingCount > 0) pool.tellProgress(nowNs);
  }

  /** Tells the routers how far all requests have generated, before they decide. */
  #tellProgress(nowNs: Ns): void {
    for (const pool of this.#telling) pool.tellProgress(nowNs);
  }

  /** Requests that arrive now; the routers know before how far all others are. */
  #takeArrivals(nowNs: Ns): void {
    const { workload } = this.#parts;
    if (this.#telling.length > 0) this.#tellProgress(nowNs);
    this.nowNs = nowNs;
    while (workload.nextArrivalNs === nowNs) {
      this.events++;
      this.#arrive(workload.take(nowNs));
    }
  }

  #arrive(row: number): void {
    const { requests } = this.#parts;
    this.arrived++;
    requests.arrivalNs[row] = this.nowNs;
    requests.status[row] = RequestStatus.queued;
    this.#clients.arrived(row);
    if (this.#parts.encode?.arrive(row, this.nowNs) !== true) this.#enter(row);
  }

  /** Requests whose embeddings are there by now ask for a worker. */
  #enterEncoded(nowNs: Ns): void {
    const { encode } = this.#parts;
    if (encode?.nextNs !== nowNs) return;
    const rows = new RowList();
    this.nowNs = nowNs;
    this.events++;
    encode.advance(nowNs, rows);
    if (rows.count > 0) this.#tellProgress(nowNs);
    for (let index = 0; index < rows.count; index++) this.#enter(rows.rows[index]!);
  }

  /** A request asks for a worker. */
  #enter(row: number): void {
    if (this.#disaggregation !== undefined) {
      this.#disaggregation.arrive(row);
      return;
    }
    const pool = this.#pools[0]!;
    pool.arrive(row, this.nowNs);
    this.applyDecisions(pool);
  }

  /** Sends every request that the router has decided on to its worker, or ends it where it has none. */
  applyDecisions(pool: Pool): void {
    const { decisions } = pool.router;
    // What a worker that is told something at once leads to is decided on in the same loop.
    if (decisions.count === 0 || pool.applies) return;
    pool.applies = true;
    for (let entry = 0; entry < decisions.count; entry++) {
      const row = decisions.request[entry]!;
      const target = decisions.target[entry]!;
      const outcome = decisions.outcome[entry]!;
      if (outcome === REMOTE_PREFILL) {
        this.#disaggregation!.sentRemote(row, decisions.verdict[entry]!);
      } else if (target < 0) this.#reject(pool, row, outcome);
      else this.#dispatch(pool, row, target, entry);
    }
    decisions.clear();
    pool.applies = false;
  }

  #dispatch(pool: Pool, row: number, target: number, entry: number): void {
    const { ranks, firstWorker } = pool;
    const disaggregation = this.#disaggregation;
    if (disaggregation === undefined) {
      this.#noteRoute(pool, row, entry);
      this.#parts.requests.worker[row] = pool.firstTarget + target;
    } else if (this.#isOnlyPromised(disaggregation, pool, row, target, entry)) return;
    const rank = target % ranks;
    const index = (target - rank) / ranks;
    const worker = pool.workers[index]!;
    const moved = worker.enqueue(rank, row, this.nowNs, this.passesBegan);
    if (moved) this.#schedulePassEnd(firstWorker + index, worker);
    else if (!worker.busy) this.#markReady(firstWorker + index);
  }

  /** What its router has decided is written to the request. */
  #noteRoute({ router: { decisions } }: Pool, row: number, entry: number): void {
    const { requests } = this.#parts;
    requests.routedNs[row] = this.nowNs;
    requests.overlapBlocks[row] = decisions.overlapBlocks[entry]!;
    requests.bestOverlapBlocks[row] = decisions.bestOverlapBlocks[entry]!;
  }

  /** The same between two pools; true when the request does not go to its worker yet. */
  #isOnlyPromised(
    disaggregation: Disaggregation,
    pool: Pool,
    row: number,
    target: number,
    entry: number,
  ): boolean {
    const isHandedOver = disaggregation.has(row);
    if (pool.role !== 'decode' || !isHandedOver) this.#noteRoute(pool, row, entry);
    if (pool.role !== 'prefill') this.#parts.requests.worker[row] = pool.firstTarget + target;
    if (isHandedOver) disaggregation.routed(pool, row, target);
    else disaggregation.bypassed(row, target, pool.router.decisions.verdict[entry]!);
    return isHandedOver && pool.role === 'decode';
  }

  /** A worker was told of a step of a hand-off, which it has taken already when it is idle. */
  told(pool: Pool, index: number, moved: boolean): void {
    const number = pool.firstWorker + index;
    const worker = pool.workers[index]!;
    if (moved && worker.passEndNs === this.nowNs) {
      // The leap is over before anything else happens, as its last pass would have been.
      this.events++;
      worker.completePass();
    } else if (moved) {
      this.#schedulePassEnd(number, worker);
    }
    if (!worker.busy) this.#drain(pool, number, worker);
  }

  #markReady(number: number): void {
    if (this.#isReady[number] === 1) return;
    this.#isReady[number] = 1;
    this.#ready.push(number);
  }

  #startPass(number: number): void {
    this.#isReady[number] = 0;
    const worker = this.#workers[number]!;
    if (!worker.startPass(this.nowNs)) return;
    this.#schedulePassEnd(number, worker);
    if (this.#disaggregation !== undefined) this.#passBegan(this.#disaggregation, number);
  }

  #passBegan(disaggregation: Disaggregation, number: number): void {
    const pool = this.#poolOf[number]!;
    disaggregation.passBegan(pool, number - pool.firstWorker);
  }

  #schedulePassEnd(number: number, worker: EngineWorker): void {
    this.#queue.push(worker.passEndNs, Phase.passCompleted, number, number, worker.version);
  }

  /** Draws the consequences of what a worker, now idle, has done. */
  #drain(pool: Pool, number: number, worker: EngineWorker): void {
    const index = number - pool.firstWorker;
    pool.publish(index, this.nowNs);
    this.#disaggregation?.passEnded(pool, index);
    const { ended } = worker;
    if (ended.count > 0) this.#endAll(pool, ended);
    worker.firstTokens.clear();
    if (worker.dropped.count > 0) this.#departures.dropped(pool, worker.dropped);
    this.applyDecisions(pool);
    this.#markReady(number);
  }

  /** Clients leave at this moment; leaps that this cuts off right now are over, too. */
  #clientsLeave(nowNs: Ns): void {
    this.nowNs = nowNs;
    this.#departures.leave(nowNs);
    for (const pool of this.#pools) this.applyDecisions(pool);
    this.#completeDuePasses(nowNs);
  }

  clientLeft(row: number): void {
    this.events++;
    this.ended++;
    this.#parts.workload.ended(row, this.nowNs);
  }

  /** A worker is done with these requests. */
  #endAll(pool: Pool, ended: RowList): void {
    const disaggregation = this.#disaggregation;
    for (let entry = 0; entry < ended.count; entry++) {
      const row = ended.rows[entry]!;
      if (disaggregation?.has(row)) disaggregation.ended(pool, row);
      this.#end(row);
    }
    ended.clear();
  }

  /** The router has turned a request away: it ends at once, and whoever waited for its end goes on. */
  #reject(pool: Pool, row: number, outcome: number): void {
    const { requests } = this.#parts;
    const { lastRejection } = pool.router;
    if (outcome === QUEUE_REJECTED && lastRejection !== undefined) {
      this.queueRejections.add(lastRejection);
    }
    requests.status[row] = RequestStatus.rejected;
    requests.rejection[row] = outcome;
    requests.terminalNs[row] = this.nowNs;
    if (this.#disaggregation?.has(row)) this.#disaggregation.failed(row);
    this.#end(row);
  }

  /** A request is over: its prompt is let go, and another may follow. */
  #end(row: number): void {
    const { workload } = this.#parts;
    this.ended++;
    this.#clients.ended(row);
    this.#disaggregation?.closeRow(row);
    workload.ended(row, this.nowNs);
    this.forgetPrompt(row);
  }

  /** Nobody has the prompt of a request any more, but for a prefill worker. */
  forgetPrompt(row: number): void {
    const { holders, forest } = this.#pools.at(-1)!.state;
    const leaf = holders.leaf[row]!;
    if (leaf >= 0) forest.release(leaf);
  }
}
