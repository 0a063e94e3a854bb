import type { Ns } from '#core/base/time.ts';
import type { DecisionLog } from './decisions.ts';
import type { BusyThresholds } from './eligibility/overload/thresholds.ts';
import type { TargetAttributes } from './eligibility/target-attributes.ts';
import type { PrefillOutlook, RouteQuery } from './query.ts';
import type { QueueRejection } from './queue/classes/queue-limits.ts';
import type { OutsideBooking } from './replicas/outside-booking.ts';
import type { RouteTerms } from './route-terms.ts';

/**
 * Everything that a router can be told, each fact with the time it happened at where that matters.
 * `Router` says what each of them does. A journal writes down exactly these calls, so that a method
 * of `Router` by which it learns something stands here and in the journal's table of facts, and a
 * test says so.
 */
export interface RouterFacts {
  arrive(query: RouteQuery, nowNs: Ns): void;
  bookedElsewhere(booking: Readonly<OutsideBooking>, nowNs: Ns): void;
  prefillCompleted(request: number, nowNs: Ns): void;
  outputProgress(request: number, generatedTokens: number, nowNs: Ns): void;
  free(request: number, nowNs: Ns): void;
  freeOn(target: number, request: number, nowNs: Ns): void;
  freeAll(requests: Int32Array, count: number, nowNs: Ns): void;
  stored(target: number, node: number, blocks: number): void;
  removed(target: number, node: number, keep: number): void;
  cleared(target: number): void;
  tierStored(tier: number, target: number, node: number, from: number, to: number): void;
  tierRemoved(tier: number, target: number, node: number, from: number, to: number): void;
  tierCleared(tier: number, target: number): void;
  freeNode(node: number): void;
  addTarget(target: number, nowNs: Ns): void;
  removeTarget(target: number, nowNs: Ns): void;
  tick(nowNs: Ns): void;
  roomReserved(request: number, nowNs: Ns): void;
  remotelyPrefilled(request: number, nowNs: Ns): void;
  handedOver(request: number, nowNs: Ns): void;
  describeTarget(target: number, attributes: TargetAttributes, nowNs: Ns): void;
  setAvailable(target: number, available: boolean, nowNs: Ns): void;
  defineTerms(id: number, terms: RouteTerms): void;
  loadReported(
    target: number,
    prefillTokens: number,
    decodeBlocks: number,
    usedBlocks: number,
    nowNs: Ns,
  ): void;
  setBusyThresholds(thresholds: BusyThresholds, nowNs: Ns): void;
}

/** A router as those see it who tell it facts and carry out what it decides. */
export interface RoutingMachine extends RouterFacts {
  readonly decisions: DecisionLog;
  readonly pendingCount: number;
  readonly lastRejection: QueueRejection | undefined;
  nextWakeupNs(): Ns | undefined;
  /** No fact, since nothing changes: see `Router.look`. */
  look(query: RouteQuery, nowNs: Ns, out: PrefillOutlook): void;
}
