import { assert } from '#core/base/assert.ts';
import { WindtunnelError } from '#core/base/errors.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import {
  DecisionLog,
  NO_ENDPOINTS,
  PINNED_TARGET_ABSENT,
  QUEUE_REJECTED,
  ROUTED,
} from './decisions.ts';
import type { RoutingMachine } from './facts.ts';
import { Fleet } from './fleet.ts';
import { OwnershipIndex } from './index/ownership.ts';
import type { RouterOptions } from './options.ts';
import { KvPolicy } from './policies/kv/kv.ts';
import type { ScoreExplanation } from './policies/kv/score-explanation.ts';
import { newScoreExplanation } from './policies/kv/score-explanation.ts';
import { LeastLoadedPolicy } from './policies/least-loaded/least-loaded.ts';
import { PowerOfTwoPolicy } from './policies/power-of-two/power-of-two.ts';
import { RandomPolicy } from './policies/random/random.ts';
import { RoundRobinPolicy } from './policies/round-robin/round-robin.ts';
import type { RoutingPolicy } from './policies/routing-policy.ts';
import type { RouteQuery } from './query.ts';
import { newRouteQuery } from './query.ts';
import type { QueueRejection } from './queue/classes/queue-limits.ts';
import { RouterQueue } from './queue/router-queue.ts';
import { ActiveSequences } from './sequences/active-sequences.ts';

/**
 * Routes requests to targets. Takes facts (arrivals, progress, KV events, the fleet's changes) with
 * the time they happened at, and appends its decisions to `decisions`, which the caller drains
 * after each fact. A routed request counts as load on its target until it is freed.
 */
export class Router implements RoutingMachine {
  readonly decisions = new DecisionLog();
  readonly sequences: ActiveSequences;
  readonly index = new OwnershipIndex();
  readonly #options: RouterOptions;
  readonly #fleet = new Fleet();
  readonly #policy: RoutingPolicy;
  readonly #kv: KvPolicy | undefined;
  /** Absent where nobody ever waits. */
  readonly #queue: RouterQueue | undefined;
  readonly #waiting = newRouteQuery();
  readonly #explanation = newScoreExplanation();
  readonly #load = { leaf: -1, leafBlocks: 0, privateBlocks: 0, prefillTokens: 0 };

  constructor(options: RouterOptions, forest: BlockForest, stream: RandomStream) {
    this.#options = options;
    this.sequences = new ActiveSequences(forest);
    const { sequences, index } = this;
    if (options.mode === 'kv_router') {
      this.#kv = new KvPolicy(options, forest, this.#fleet, index, sequences, stream);
    }
    this.#policy = this.#kv ?? prefixBlindPolicy(options, this.#fleet, sequences, stream);
    const queues = options.queueThreshold !== undefined || options.classes !== undefined;
    if (this.#kv !== undefined && queues) {
      this.#queue = new RouterQueue(options, this.#fleet, sequences);
    }
    for (let target = 0; target < options.targets; target++) this.#admitTarget(target);
  }

  /** Requests that wait in the router's queue. */
  get pendingCount(): number {
    return this.#queue?.count ?? 0;
  }

  /** Why the last request that a full queue kept out was kept out, undefined when none was. */
  get lastRejection(): QueueRejection | undefined {
    return this.#queue?.rejection;
  }

  /** The terms of the last decision of the KV mode; the object is reused. */
  get explainLast(): Readonly<ScoreExplanation> {
    return this.#explanation;
  }

  /** When `tick` is due next: while requests wait, the queue is looked at without a fact too. */
  nextWakeupNs(): Ns | undefined {
    return this.#queue?.nextRecheckNs();
  }

  /** Time has passed: whoever may leave the queue leaves it. */
  tick(nowNs: Ns): void {
    this.#queue?.recheckAll(nowNs);
    this.#drain(nowNs);
  }

  /**
   * A request asks for a target: it is routed, rejected or queued. An id that is active or waiting
   * is refused with `router_duplicate_request`.
   */
  arrive(query: RouteQuery, nowNs: Ns): void {
    assert(query.inputTokens > 0, 'a request has at least one prompt token');
    if (this.sequences.targetOf(query.request) >= 0 || this.#queue?.has(query.request)) {
      throw new WindtunnelError(
        'router_duplicate_request',
        `request ${query.request} is active or waiting already`,
        { request: query.request },
      );
    }
    this.#policy.prepare(query);
    const queue = this.#queue;
    if (queue === undefined || !this.#eligible(query.pinnedTarget)) {
      this.#dispatch(query, 0);
      return;
    }
    const cachedTokens = this.#bestCachedBlocks(query) * this.#options.blockSize;
    switch (queue.admit(query, cachedTokens)) {
      case 'send':
        this.#dispatch(query, 0);
        return;
      case 'reject':
        this.#reject(query, 0, QUEUE_REJECTED);
        return;
      case 'wait':
        queue.push(query, cachedTokens, this.#policy.keepOverlaps(), nowNs);
        this.#drain(nowNs);
    }
  }

  /** The request's first token is out. Unknown requests and repetitions are fine. */
  prefillCompleted(request: number, nowNs: Ns): void {
    const target = this.sequences.targetOf(request);
    if (target < 0) return;
    this.sequences.prefillCompleted(request);
    this.#loadChanged(target);
    this.#drain(nowNs);
  }

  /** The request has ended or was given up, in whatever state it was; repetitions are fine. */
  free(request: number, nowNs: Ns): void {
    this.#forget(request);
    this.#drain(nowNs);
  }

  /**
   * Requests that have ended together, in one pass of a worker: the load of all of them is gone
   * before the queue is looked at. Reads requests[0 … count).
   */
  freeAll(requests: Int32Array, count: number, nowNs: Ns): void {
    for (let index = 0; index < count; index++) this.#forget(requests[index]!);
    if (count > 0) this.#drain(nowNs);
  }

  /**
   * KV event: the target holds at least the first `blocks` blocks of the node. Late events of a
   * target that has left the fleet are ignored, so that the index only knows the fleet.
   */
  stored(target: number, node: number, blocks: number): void {
    if (this.#kv !== undefined && this.#fleet.has(target)) this.index.stored(target, node, blocks);
  }

  /** KV event: the target holds at most the first `keep` blocks of the node. */
  removed(target: number, node: number, keep: number): void {
    this.index.removed(target, node, keep);
  }

  /** KV event: the target holds nothing. */
  cleared(target: number): void {
    this.index.cleared(target);
  }

  /** The forest is about to reuse a node's id; no active or waiting request may use it. */
  freeNode(node: number): void {
    assert(!this.sequences.usesNode(node), 'a node is freed while a request uses it');
    this.index.freeNode(node);
  }

  /** A target may be chosen from now on. Its id must not be in the fleet. */
  addTarget(target: number, nowNs: Ns): void {
    this.#admitTarget(target);
    this.#drain(nowNs);
  }

  /** A target is gone with all that it holds; its active requests are dropped. */
  removeTarget(target: number, nowNs: Ns): void {
    this.#fleet.remove(target);
    this.sequences.removeTarget(target);
    this.index.removeTarget(target);
    this.#queue?.targetRemoved(target);
    this.#policy.targetRemoved(target);
    this.#drain(nowNs);
  }

  #forget(request: number): void {
    const target = this.sequences.targetOf(request);
    if (target < 0) {
      this.#queue?.cancel(request, this.#waiting);
      return;
    }
    this.sequences.free(request);
    this.#loadChanged(target);
  }

  #admitTarget(target: number): void {
    this.#fleet.add(target);
    this.sequences.reserveTargets(target + 1);
    this.#loadChanged(target);
  }

  /** Whether there is a target at all that the request may go to, busy or not. */
  #eligible(pinnedTarget: number): boolean {
    return pinnedTarget < 0 ? this.#fleet.count > 0 : this.#fleet.has(pinnedTarget);
  }

  #bestCachedBlocks(query: RouteQuery): number {
    const pinned = query.pinnedTarget;
    return pinned < 0 ? this.#policy.bestOverlapBlocks() : this.#policy.overlapOf(pinned);
  }

  #drain(nowNs: Ns): void {
    const queue = this.#queue;
    if (queue === undefined) return;
    const waiting = this.#waiting;
    while (queue.count > 0) {
      const departure = queue.pop(waiting);
      if (departure === undefined) return;
      if (queue.isStale(departure, nowNs)) this.#policy.prepare(waiting);
      else this.#policy.prepareAgain(waiting, departure.overlaps);
      this.#dispatch(waiting, 1);
    }
  }

  /** Decides for the prepared query and books it. */
  #dispatch(query: RouteQuery, queued: number): void {
    if (!this.#eligible(query.pinnedTarget)) {
      this.#reject(query, queued, query.pinnedTarget < 0 ? NO_ENDPOINTS : PINNED_TARGET_ABSENT);
      return;
    }
    const best = this.#policy.bestOverlapBlocks();
    const target = query.pinnedTarget < 0 ? this.#policy.choose(query) : query.pinnedTarget;
    const overlap = this.#policy.overlapOf(target);
    this.#kv?.explain(query, target, this.#explanation);
    this.#book(query, target, overlap);
    this.decisions.append(query.request, target, overlap, best, queued, ROUTED);
  }

  #reject(query: RouteQuery, queued: number, outcome: number): void {
    const best = this.#policy.bestOverlapBlocks();
    this.decisions.append(query.request, -1, 0, best, queued, outcome);
  }

  #book(query: RouteQuery, target: number, overlapBlocks: number): void {
    const { trackActiveBlocks, trackPrefillTokens, blockSize } = this.#options;
    const load = this.#load;
    const tracksBlocks = this.#kv !== undefined && trackActiveBlocks;
    load.leaf = tracksBlocks ? query.leaf : -1;
    load.leafBlocks = query.leafBlocks;
    load.privateBlocks = tracksBlocks ? query.tailBlocks : 0;
    load.prefillTokens =
      this.#kv !== undefined && trackPrefillTokens
        ? Math.max(0, query.inputTokens - overlapBlocks * blockSize)
        : 0;
    this.sequences.add(query.request, target, load);
    this.#loadChanged(target);
  }

  #loadChanged(target: number): void {
    this.#queue?.loadChanged(target);
    this.#policy.loadChanged(target);
  }
}

function prefixBlindPolicy(
  options: RouterOptions,
  fleet: Fleet,
  sequences: ActiveSequences,
  stream: RandomStream,
): RoutingPolicy {
  switch (options.mode) {
    case 'round_robin':
      return new RoundRobinPolicy(fleet);
    case 'random':
      return new RandomPolicy(fleet, stream);
    case 'power_of_two':
      return new PowerOfTwoPolicy(fleet, sequences, stream);
    default:
      assert(options.mode === 'least_loaded', `no policy for mode ${options.mode}`);
      return new LeastLoadedPolicy(sequences, stream);
  }
}
