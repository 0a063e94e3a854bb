import { WindtunnelError } from '#core/base/errors.ts';
import type { Ns } from '#core/base/time.ts';
import { QUEUE_REJECTED } from '#core/router/decisions.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { EngineWorker } from '../engine/engine-worker.ts';
import type { EngineState } from '../engine/rank/engine-state.ts';
import { RowList } from '../engine/row-list.ts';
import type { WorkerSample } from '../engine/worker-sample.ts';
import type { WorkerTally } from '../engine/worker-tally.ts';
import { EventQueue, Phase } from '../kernel/event-queue.ts';
import { RequestStatus } from '../workload/request-table.ts';
import type { Workload } from '../workload/workload.ts';
import { ArrivalQueries } from './arrival-queries.ts';
import { ClientWatch } from './client-watch.ts';
import type { KvEventFeed } from './kv-event-feed.ts';
import type { LoadReports } from './load-reports.ts';
import { PassEnds } from './pass-ends.ts';
import type { ProgressTeller } from './progress-teller.ts';
import { RejectionTally } from './rejection-tally.ts';
import { RequestRouting } from './request-routing.ts';
import type { RequestedClasses } from './requested-classes.ts';
import type { Timeline } from './timeline.ts';

/** The parts of a cluster, built by `sim/run.ts`. */
export interface ClusterParts {
  readonly workers: number;
  /** Ranks of a worker; each is a target of its own for the router. */
  readonly ranks: number;
  readonly state: EngineState;
  /** Makes a worker; `firstTarget` is what the router calls its first rank. */
  readonly openWorker: (firstTarget: number) => EngineWorker;
  readonly router: RoutingMachine;
  readonly requestedClasses: RequestedClasses;
  readonly feed: KvEventFeed;
  /** Where the router judges workers by their KV blocks. */
  readonly loads: LoadReports | undefined;
  /** The router keeps sessions with their targets. */
  readonly tellsSessions: boolean;
  /** Absent where the router does not track output blocks. */
  readonly progress?: ProgressTeller;
  /** Whether requests tell the router how many tokens they will generate. */
  readonly hintsOutput: boolean;
  readonly workload: Workload;
  /** Infinite without a limit. */
  readonly maxSimTimeNs: Ns;
  /** Where the state at each step of time is written, if anybody asks for it. */
  readonly timeline?: Timeline;
}

/**
 * Workers behind a router in virtual time. One instant is played in the phases of the kernel: passes
 * that end, then arrivals, then the passes that begin.
 */
export class Cluster {
  nowNs: Ns = 0;
  events = 0;
  arrived = 0;
  ended = 0;
  readonly queueRejections = new RejectionTally();
  readonly #parts: ClusterParts;
  readonly #workers: EngineWorker[] = [];
  readonly #queue = new EventQueue();
  readonly #queries: ArrivalQueries;
  readonly #passEnds: PassEnds;
  readonly #clients: ClientWatch;
  /** Scratch: requests whose clients leave at this moment. */
  readonly #gone = new RowList();
  /** Workers that may begin a pass when the instant's facts are all known. */
  readonly #ready = new RowList();
  readonly #isReady: Uint8Array;
  /** Passes have begun at this very moment already: one that took no time led to another round. */
  #passesBegan = false;
  /** Infinite when nobody asks for a timeline. */
  #nextSampleNs: Ns;

  constructor(parts: ClusterParts) {
    this.#parts = parts;
    const { state, router, ranks, tellsSessions, requestedClasses, hintsOutput } = parts;
    const routing = new RequestRouting(state.requests, router, ranks, tellsSessions);
    this.#queries = new ArrivalQueries(state, routing, requestedClasses, hintsOutput);
    this.#passEnds = new PassEnds(router, state.sequences);
    this.#clients = new ClientWatch(state.requests);
    this.#isReady = new Uint8Array(parts.workers);
    this.#nextSampleNs = parts.timeline?.nextNs ?? Number.POSITIVE_INFINITY;
    for (let worker = 0; worker < parts.workers; worker++) {
      this.#workers.push(parts.openWorker(worker * parts.ranks));
    }
  }

  /** Requests in the router's queue and in the workers'. */
  get queued(): number {
    let queued = this.#parts.router.pendingCount;
    for (const worker of this.#workers) queued += worker.waitingRequests;
    return queued;
  }

  /** Share of all KV blocks that are in use. */
  get kvUsed(): number {
    let used = 0;
    let all = 0;
    for (const worker of this.#workers) {
      for (let rank = 0; rank < this.#parts.ranks; rank++) {
        used += worker.pool(rank).active;
        all += worker.pool(rank).capacity;
      }
    }
    return used / all;
  }

  /** The same of each target by itself: a worker, or a rank of one. */
  kvUsedByTarget(): number[] {
    const { ranks } = this.#parts;
    return this.#workers.flatMap((worker) => {
      return Array.from({ length: ranks }, (_, rank) => {
        const { active, capacity } = worker.pool(rank);
        return active / capacity;
      });
    });
  }

  /** What each target has done so far. */
  get tallies(): readonly WorkerTally[] {
    return this.#workers.flatMap((worker) => worker.tallies);
  }

  /** Writes what a target is and has done at `atNs`, after all that happens by then. */
  sample(target: number, atNs: Ns, sample: WorkerSample): void {
    const { ranks } = this.#parts;
    const rank = target % ranks;
    this.#workers[(target - rank) / ranks]!.sample(rank, atNs, sample);
  }

  /** The run is over: the last step of the timeline ends now. */
  finishTimeline(): void {
    const { timeline, router } = this.#parts;
    timeline?.finish(this.nowNs, router.pendingCount, this);
  }

  /** Plays the next instant; false when nothing is left to happen. */
  playInstant(): boolean {
    const { workload, router, maxSimTimeNs } = this.#parts;
    const clients = this.#clients;
    const eventNs = Math.min(this.#queue.nextTimeNs, workload.nextArrivalNs, clients.nextNs);
    if (eventNs === Number.POSITIVE_INFINITY) {
      this.#assertNothingStalled();
      return false;
    }
    const wakeupNs = router.nextWakeupNs() ?? Number.POSITIVE_INFINITY;
    const nowNs = Math.min(eventNs, wakeupNs);
    if (nowNs > maxSimTimeNs) return false;
    if (nowNs > Number.MAX_SAFE_INTEGER) throw timeExhausted();
    if (nowNs > this.#nextSampleNs) this.#sampleUntil(nowNs);
    this.#passesBegan = nowNs === this.nowNs && this.events > 0;
    if (router.pendingCount > 0) this.#tellProgress(nowNs);
    this.#completeDuePasses(nowNs);
    if (clients.nextNs === nowNs) this.#clientsLeave(nowNs);
    if (workload.nextArrivalNs === nowNs) this.#tellProgress(nowNs);
    while (workload.nextArrivalNs === nowNs) {
      this.nowNs = nowNs;
      this.events++;
      this.#arrive(workload.take(nowNs));
    }
    if (wakeupNs === nowNs) this.#wakeRouter(nowNs);
    // Leaps that an arrival has cut off at this very moment.
    this.#completeDuePasses(nowNs);
    for (let index = 0; index < this.#ready.count; index++) {
      this.#startPass(this.#ready.rows[index]!);
    }
    this.#ready.clear();
    return true;
  }

  #sampleUntil(nowNs: Ns): void {
    const { timeline, router } = this.#parts;
    if (timeline === undefined) return;
    timeline.advance(nowNs, router.pendingCount, this);
    this.#nextSampleNs = timeline.nextNs;
  }

  #completeDuePasses(nowNs: Ns): void {
    const queue = this.#queue;
    while (queue.nextTimeNs === nowNs) {
      queue.pop();
      const worker = this.#workers[queue.subject]!;
      // An overtaken event is no moment of the run: the clock does not stop there.
      if (worker.version !== queue.version) continue;
      this.nowNs = nowNs;
      this.events++;
      this.#completePass(queue.subject, worker);
    }
  }

  /** Waiting requests may leave because time has passed. */
  #wakeRouter(nowNs: Ns): void {
    const { router, feed } = this.#parts;
    this.nowNs = nowNs;
    this.events++;
    feed.deliverDue(nowNs);
    router.tick(nowNs);
    this.#applyDecisions();
  }

  /** Tells the router how far all requests have generated, before it decides. */
  #tellProgress(nowNs: Ns): void {
    const { progress } = this.#parts;
    if (progress === undefined) return;
    progress.nowNs = nowNs;
    for (const worker of this.#workers) worker.tellProgress(nowNs, progress);
  }

  #arrive(row: number): void {
    const { state, router, feed } = this.#parts;
    const { requests } = state;
    this.arrived++;
    requests.arrivalNs[row] = this.nowNs;
    requests.status[row] = RequestStatus.queued;
    this.#clients.arrived(row);
    const query = this.#queries.of(row);
    feed.deliverDue(this.nowNs);
    router.arrive(query, this.nowNs);
    this.#applyDecisions();
  }

  /** Sends every request that the router has decided on to its worker, or ends it where it has none. */
  #applyDecisions(): void {
    const { router, state, ranks } = this.#parts;
    const { requests } = state;
    const decisions = router.decisions;
    for (let entry = 0; entry < decisions.count; entry++) {
      const row = decisions.request[entry]!;
      const target = decisions.target[entry]!;
      if (target < 0) {
        this.#reject(row, decisions.outcome[entry]!);
        continue;
      }
      requests.worker[row] = target;
      requests.routedNs[row] = this.nowNs;
      requests.overlapBlocks[row] = decisions.overlapBlocks[entry]!;
      requests.bestOverlapBlocks[row] = decisions.bestOverlapBlocks[entry]!;
      const rank = target % ranks;
      const index = (target - rank) / ranks;
      const worker = this.#workers[index]!;
      const moved = worker.enqueue(rank, row, this.nowNs, this.#passesBegan);
      if (moved) this.#schedulePassEnd(index, worker);
      else if (!worker.busy) this.#markReady(index);
    }
    decisions.clear();
  }

  #markReady(index: number): void {
    if (this.#isReady[index] === 1) return;
    this.#isReady[index] = 1;
    this.#ready.push(index);
  }

  #startPass(index: number): void {
    this.#isReady[index] = 0;
    const worker = this.#workers[index]!;
    if (worker.startPass(this.nowNs)) this.#schedulePassEnd(index, worker);
  }

  #schedulePassEnd(index: number, worker: EngineWorker): void {
    this.#queue.push(worker.passEndNs, Phase.passCompleted, index, index, worker.version);
  }

  #completePass(index: number, worker: EngineWorker): void {
    const { feed, loads, progress, ranks } = this.#parts;
    worker.completePass();
    for (let rank = 0; rank < ranks; rank++) {
      const target = index * ranks + rank;
      feed.publish(target, worker.pool(rank).events, this.nowNs);
      loads?.publish(target, worker.pool(rank).active, this.nowNs);
    }
    feed.deliverDue(this.nowNs);
    const { firstTokens, ended } = worker;
    if (progress !== undefined && ended.count > 0) {
      progress.nowNs = this.nowNs;
      worker.tellProgress(this.nowNs, progress);
    }
    this.#passEnds.tell(firstTokens, ended, this.nowNs);
    for (let entry = 0; entry < ended.count; entry++) this.#end(ended.rows[entry]!);
    firstTokens.clear();
    ended.clear();
    if (worker.dropped.count > 0) this.#forgetDropped(worker);
    this.#applyDecisions();
    this.#markReady(index);
  }

  /** Clients leave at this moment: the router forgets their requests, then their workers do. */
  #clientsLeave(nowNs: Ns): void {
    const clients = this.#clients;
    const gone = this.#gone;
    while (clients.nextNs === nowNs) {
      const row = clients.take();
      this.#giveUp(row, nowNs);
      gone.push(row);
    }
    for (let index = 0; index < gone.count; index++) this.#cancelOnWorker(gone.rows[index]!);
    gone.clear();
    this.#applyDecisions();
    // Leaps that were cut off at this very moment.
    this.#completeDuePasses(nowNs);
  }

  /** To its client and to the router a request is over. */
  #giveUp(row: number, nowNs: Ns): void {
    const { state, router, workload, feed } = this.#parts;
    const { requests } = state;
    this.nowNs = nowNs;
    this.events++;
    requests.status[row] = this.#clients.statusOf(row, nowNs);
    requests.terminalNs[row] = nowNs;
    feed.deliverDue(nowNs);
    router.free(row, nowNs);
    this.#applyDecisions();
    this.ended++;
    workload.ended(row, nowNs);
  }

  /** Whoever has the request lets go of it when the pass under way ends, or at once. */
  #cancelOnWorker(row: number): void {
    const { state, ranks, feed, loads } = this.#parts;
    const target = state.requests.worker[row]!;
    if (target < 0) {
      this.#forgetPrompt(row);
      return;
    }
    const rank = target % ranks;
    const index = (target - rank) / ranks;
    const worker = this.#workers[index]!;
    const moved = worker.cancel(rank, row, this.nowNs, this.#passesBegan);
    if (moved) this.#schedulePassEnd(index, worker);
    if (worker.busy) return;
    const pool = worker.pool(rank);
    feed.publish(target, pool.events, this.nowNs);
    loads?.publish(target, pool.active, this.nowNs);
    this.#forgetDropped(worker);
  }

  #forgetDropped({ dropped }: EngineWorker): void {
    for (let entry = 0; entry < dropped.count; entry++) this.#forgetPrompt(dropped.rows[entry]!);
    dropped.clear();
  }

  /** The router has turned a request away: it ends at once, and whoever waited for its end goes on. */
  #reject(row: number, outcome: number): void {
    const { state, router } = this.#parts;
    const { requests } = state;
    const { lastRejection } = router;
    if (outcome === QUEUE_REJECTED && lastRejection !== undefined) {
      this.queueRejections.add(lastRejection);
    }
    requests.status[row] = RequestStatus.rejected;
    requests.rejection[row] = outcome;
    requests.terminalNs[row] = this.nowNs;
    this.#end(row);
  }

  /** A request is over: its prompt is let go, and another may follow. */
  #end(row: number): void {
    const { workload } = this.#parts;
    this.ended++;
    this.#clients.ended(row);
    workload.ended(row, this.nowNs);
    this.#forgetPrompt(row);
  }

  #forgetPrompt(row: number): void {
    const { forest, holders } = this.#parts.state;
    const leaf = holders.leaf[row]!;
    if (leaf >= 0) forest.release(leaf);
  }

  #assertNothingStalled(): void {
    const waiting = this.arrived - this.ended;
    if (waiting === 0) return;
    throw new WindtunnelError(
      'simulation_stalled',
      `${waiting} requests are waiting at ${this.nowNs} ns and nothing will happen any more`,
      { waiting, simulated_ns: this.nowNs },
    );
  }
}

/** A clock of whole nanoseconds in a double is exact for 104 days and not a moment longer. */
function timeExhausted(): WindtunnelError {
  return new WindtunnelError(
    'time_exhausted',
    'the run lasts longer than 104 simulated days, beyond which nanoseconds are no longer exact; cut it off with simulation.max_sim_time_ms, or raise the arrival rate or speed',
  );
}
