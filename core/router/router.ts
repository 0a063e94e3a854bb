import { assert } from '#core/base/assert.ts';
import { WindtunnelError } from '#core/base/errors.ts';
import type { RandomStream } from '#core/base/random.ts';
import type { Ns } from '#core/base/time.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import type { Candidate } from './candidate.ts';
import type { DecisionObserver } from './decision-observer.ts';
import type { DecisionLog } from './decisions.ts';
import type { BusyThresholds } from './eligibility/overload/thresholds.ts';
import type { TargetAttributes } from './eligibility/target-attributes.ts';
import type { RoutingMachine } from './facts.ts';
import { NO_HOLDS, type NodeHolds } from './index/approximate/routed-index.ts';
import type { OwnershipIndex } from './index/ownership.ts';
import { listCandidates } from './list-candidates.ts';
import type { RouterOptions } from './options.ts';
import type { ScoreExplanation } from './policies/kv/score-explanation.ts';
import type { PrefillOutlook, RouteQuery } from './query.ts';
import type { QueueRejection } from './queue/classes/queue-limits.ts';
import type { OutsideBooking } from './replicas/outside-booking.ts';
import { RequestFlow } from './request-flow.ts';
import type { RouteTerms } from './route-terms.ts';
import { RouterParts } from './router-parts.ts';
import type { ActiveSequences } from './sequences/active-sequences.ts';
import type { UserPolicies } from './user-policies.ts';

/**
 * Routes requests to targets. Takes facts (arrivals, progress, KV events, the fleet's changes) with
 * the time they happened at, and appends its decisions to `decisions`, which the caller drains
 * after each fact. A routed request counts as load on its target until it is freed.
 */
export class Router implements RoutingMachine {
  /** What was decided, in order; the caller drains it. */
  readonly decisions: DecisionLog;
  readonly sequences: ActiveSequences;
  readonly index: OwnershipIndex;
  readonly #parts: RouterParts;
  readonly #flow: RequestFlow;

  /**
   * `holds` is told which nodes of the forest only the router still knows; `policies` are those of a
   * user's file, where the options name them.
   */
  constructor(
    options: RouterOptions,
    forest: BlockForest,
    stream: RandomStream,
    holds: NodeHolds = NO_HOLDS,
    policies: UserPolicies = {},
  ) {
    const parts = new RouterParts(options, forest, stream, holds, policies);
    this.#parts = parts;
    this.#flow = new RequestFlow(parts);
    this.decisions = parts.decider.decisions;
    this.sequences = parts.sequences;
    this.index = parts.index;
    for (let target = 0; target < options.targets; target++) {
      const known = options.attributes?.[target];
      if (known !== undefined) parts.eligibility.describe(target, known);
      this.#admitTarget(target);
    }
  }

  /** Looks on while decisions are made. */
  set observer(observer: DecisionObserver | undefined) {
    this.#parts.decider.observer = observer;
  }

  /** Requests that wait in the router's queue. */
  get pendingCount(): number {
    return this.#parts.queue?.count ?? 0;
  }

  /** Why the last request that a full queue kept out was kept out, undefined when none was. */
  get lastRejection(): QueueRejection | undefined {
    return this.#parts.queue?.rejection;
  }

  /** The terms of the last decision of the KV mode, where the options ask for them; reused. */
  get explainLast(): Readonly<ScoreExplanation> {
    return this.#parts.decider.explanation;
  }

  /** Targets in the fleet. */
  get targetCount(): number {
    return this.#parts.fleet.count;
  }

  /** For an observer: everyone that the query it was shown could go to, by id, before it is booked. */
  candidates(query: Readonly<RouteQuery>): readonly Candidate[] {
    const { eligibility, fleet, policy } = this.#parts;
    return listCandidates(query, eligibility, fleet, this.sequences, policy);
  }

  /**
   * When `tick` is due next: while requests wait, the queue is looked at without a fact too, now and
   * then, and when time alone has taken load off a target.
   */
  nextWakeupNs(): Ns | undefined {
    return this.#parts.queue?.nextWakeupNs(this.#flow.nowNs);
  }

  /** Time has passed: whoever may leave the queue leaves it. */
  tick(nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#parts.queue?.recheckAll(nowNs);
    this.#flow.drain(nowNs);
  }

  /**
   * A request asks for a target: it is routed, rejected or queued. An id that is active or waiting
   * is refused with `router_duplicate_request`.
   */
  arrive(query: RouteQuery, nowNs: Ns): void {
    assert(query.inputTokens > 0, 'a request has at least one prompt token');
    if (this.sequences.targetOf(query.request) >= 0 || this.#parts.queue?.has(query.request)) {
      throw new WindtunnelError(
        'router_duplicate_request',
        `request ${query.request} is active or waiting already`,
        { request: query.request },
      );
    }
    this.#flow.catchUp(nowNs, true);
    this.#flow.admit(this.#parts.affinity?.bind(query, nowNs) ?? query, nowNs);
  }

  /**
   * What a request would meet here that came now, for the router of another pool. The choice is the
   * one that `arrive` would make at this moment, whatever it draws; nothing is booked.
   */
  look(query: RouteQuery, nowNs: Ns, out: PrefillOutlook): void {
    this.#flow.look(this.#parts.affinity?.bind(query, nowNs) ?? query, nowNs, out);
  }

  /**
   * A decode worker has set room aside for a request whose prompt goes to a prefill worker from now on;
   * where the prefill comes first nobody says so.
   */
  roomReserved(request: number, nowNs: Ns): void {
    this.#parts.disaggregation?.roomReserved(request, nowNs);
  }

  /** The prompt of a request that was sent to the prefill pool is prefilled there. */
  remotelyPrefilled(request: number, nowNs: Ns): void {
    this.#parts.disaggregation?.prefilled(request, nowNs);
  }

  /** The KV blocks of that prompt have come to the decode worker. */
  handedOver(request: number, nowNs: Ns): void {
    this.#parts.disaggregation?.handedOver(request, nowNs);
  }

  /**
   * Another router has sent a request to a target: it is load here too, until `free`. It has an id as
   * one's own requests do, which must not be active. Bookings on targets that are not there are ignored.
   */
  bookedElsewhere(booking: Readonly<OutsideBooking>, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, true);
    if (this.#parts.fleet.has(booking.target)) this.#flow.bookElsewhere(booking, nowNs);
  }

  /** The request's first token is out. Unknown requests and repetitions are fine. */
  prefillCompleted(request: number, nowNs: Ns): void {
    const target = this.sequences.targetOf(request);
    if (target < 0) return;
    this.#flow.catchUp(nowNs, false);
    this.sequences.prefillCompleted(request, nowNs);
    this.#flow.loadChanged(target);
    this.#flow.drain(nowNs);
  }

  /**
   * The request has generated so many tokens in all. Told once a token, or at least once a block;
   * only read where output blocks are tracked. Unknown requests and repetitions are fine.
   */
  outputProgress(request: number, generatedTokens: number, _nowNs: Ns): void {
    if (!this.sequences.outputProgress(request, generatedTokens)) return;
    this.#flow.loadChanged(this.sequences.targetOf(request));
  }

  /** The request has ended or was given up, in whatever state it was; repetitions are fine. */
  free(request: number, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#flow.forget(request, nowNs);
    this.#flow.drain(nowNs);
  }

  /**
   * One target says that the request has ended there; it counts only if the request is still that
   * target's, and has not been routed to another since.
   */
  freeOn(target: number, request: number, nowNs: Ns): void {
    if (this.sequences.targetOf(request) === target) this.free(request, nowNs);
  }

  /**
   * Requests that have ended together, in one pass of a worker: the load of all of them is gone
   * before the queue is looked at. Reads requests[0 … count).
   */
  freeAll(requests: Int32Array, count: number, nowNs: Ns): void {
    if (count === 0) return;
    this.#flow.catchUp(nowNs, false);
    for (let index = 0; index < count; index++) this.#flow.forget(requests[index]!, nowNs);
    this.#flow.drain(nowNs);
  }

  /**
   * KV event: the target holds at least the first `blocks` blocks of the node. Late events of a
   * target that has left the fleet are ignored, so that the index only knows the fleet.
   */
  stored(target: number, node: number, blocks: number): void {
    if (this.#parts.informed && this.#parts.fleet.has(target))
      this.index.stored(target, node, blocks);
  }

  /** KV event: the target holds at most the first `keep` blocks of the node. */
  removed(target: number, node: number, keep: number): void {
    this.index.removed(target, node, keep);
  }

  /** KV event: the target holds nothing. */
  cleared(target: number): void {
    this.index.cleared(target);
  }

  /**
   * KV event below device memory (`TierCode`): the tier of the target holds the node's blocks
   * [from, to) too. The shared cache is nobody's: its target is −1.
   */
  tierStored(tier: number, target: number, node: number, from: number, to: number): void {
    const isKnown = target < 0 || this.#parts.fleet.has(target);
    if (this.#parts.informed && isKnown) this.#parts.tiers.stored(tier, target, node, from, to);
  }

  /** KV event below device memory: the tier holds none of the node's blocks [from, to) any more. */
  tierRemoved(tier: number, target: number, node: number, from: number, to: number): void {
    this.#parts.tiers.removed(tier, target, node, from, to);
  }

  /** KV event below device memory: the tier of the target holds nothing. */
  tierCleared(tier: number, target: number): void {
    this.#parts.tiers.cleared(tier, target);
  }

  /** The forest is about to reuse a node's id; no active or waiting request may use it. */
  freeNode(node: number): void {
    assert(!this.sequences.usesNode(node), 'a node is freed while a request uses it');
    assert(
      this.#parts.routed?.uses(node) !== true,
      'a node is freed while a decision is remembered',
    );
    this.index.freeNode(node);
    this.#parts.tiers.freeNode(node);
  }

  /** A target may be chosen from now on. Its id must not be in the fleet. */
  addTarget(target: number, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#admitTarget(target);
    this.#flow.drain(nowNs);
  }

  /** A target is gone with all that it holds; its active requests are dropped. */
  removeTarget(target: number, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#parts.fleet.remove(target);
    this.#parts.eligibility.remove(target);
    this.sequences.removeTarget(target, nowNs);
    this.index.removeTarget(target);
    this.#parts.tiers.removeTarget(target);
    this.#parts.routed?.removeTarget(target);
    this.#parts.queue?.targetRemoved(target);
    this.#parts.policy.targetRemoved(target);
    this.#parts.affinity?.targetRemoved(target);
    this.#flow.drain(nowNs);
  }

  /** A target in the fleet can be reached, or cannot for now; what it serves goes on. */
  setAvailable(target: number, available: boolean, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#parts.eligibility.setAvailable(target, available);
    this.#flow.drain(nowNs);
  }

  /** What is known of a target; may be said before it joins the fleet, and again. */
  describeTarget(target: number, attributes: TargetAttributes, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#parts.eligibility.describe(target, attributes);
    this.#flow.drain(nowNs);
  }

  /** What requests may ask for under this id; no waiting request may use an id that changes. */
  defineTerms(id: number, terms: RouteTerms): void {
    this.#parts.terms.define(id, terms);
    this.#parts.eligibility.forgetTerms(id);
  }

  /**
   * A target tells of its load, which the busy thresholds judge, −1 for what it does not say; see
   * `OverloadMonitor.report`. Reports of targets that are not there are fine.
   */
  loadReported(
    target: number,
    prefillTokens: number,
    decodeBlocks: number,
    usedBlocks: number,
    nowNs: Ns,
  ): void {
    this.#flow.catchUp(nowNs, false);
    this.#parts.overload.report(target, prefillTokens, decodeBlocks, usedBlocks);
    this.#flow.drain(nowNs);
  }

  /** The busy thresholds have changed. */
  setBusyThresholds(thresholds: BusyThresholds, nowNs: Ns): void {
    this.#flow.catchUp(nowNs, false);
    this.#parts.overload.change(thresholds);
    this.#flow.drain(nowNs);
  }

  /** The target of a worker's rank, for a pin; see `Eligibility.targetOf`. */
  targetOf(worker: number, rank?: number): number {
    return this.#parts.eligibility.targetOf(worker, rank);
  }

  #admitTarget(target: number): void {
    this.#parts.fleet.add(target);
    this.#parts.eligibility.add(target);
    this.sequences.reserveTargets(target + 1);
    this.#flow.loadChanged(target);
  }
}
