import type { Ns } from '#core/base/time.ts';
import type { DecisionLog } from '#core/router/decisions.ts';
import type { BusyThresholds } from '#core/router/eligibility/overload/thresholds.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RoutingMachine } from '#core/router/facts.ts';
import type { PrefillOutlook, RouteQuery } from '#core/router/query.ts';
import type { QueueRejection } from '#core/router/queue/classes/queue-limits.ts';
import type { OutsideBooking } from '#core/router/replicas/outside-booking.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import { FACT, FactWriter } from './fact-writer.ts';
import type { LineWriter } from './line-writer.ts';
import { NoteWriter, type RecordedForest, type RequestNote } from './note-writer.ts';

/**
 * A router that writes down every fact before it passes it on, and after it the decisions that it
 * led to.
 */
export class RecordingRouter implements RoutingMachine {
  readonly decisions: DecisionLog;
  readonly #router: RoutingMachine;
  readonly #facts: FactWriter;
  readonly #notes: NoteWriter;

  /** @param describe fills in what is known of a request that arrives. */
  constructor(
    router: RoutingMachine,
    forest: RecordedForest,
    writer: LineWriter,
    describe: (request: number, out: RequestNote) => void,
  ) {
    this.#router = router;
    this.decisions = router.decisions;
    this.#facts = new FactWriter(writer, router.decisions);
    this.#notes = new NoteWriter(forest, writer, describe);
  }

  get pendingCount(): number {
    return this.#router.pendingCount;
  }

  get lastRejection(): QueueRejection | undefined {
    return this.#router.lastRejection;
  }

  nextWakeupNs(): Ns | undefined {
    return this.#router.nextWakeupNs();
  }

  look(query: RouteQuery, nowNs: Ns, out: PrefillOutlook): void {
    this.#router.look(query, nowNs, out);
  }

  /** Writes the last line, which says that the journal is whole, and hands everything over. */
  finish(): void {
    this.#facts.finish();
  }

  arrive(query: RouteQuery, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#notes.request(query.request);
    this.#notes.node(query.leaf);
    this.#facts.query(query);
    this.#router.arrive(query, nowNs);
    this.#facts.decisions();
  }

  bookedElsewhere(booking: Readonly<OutsideBooking>, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#notes.node(booking.leaf);
    this.#facts.booking(booking);
    this.#router.bookedElsewhere(booking, nowNs);
    this.#facts.decisions();
  }

  prefillCompleted(request: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.prefillCompleted, request);
    this.#router.prefillCompleted(request, nowNs);
    this.#facts.decisions();
  }

  free(request: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.free, request);
    this.#router.free(request, nowNs);
    this.#facts.decisions();
  }

  outputProgress(request: number, generatedTokens: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.outputProgress, request, generatedTokens);
    this.#router.outputProgress(request, generatedTokens, nowNs);
    this.#facts.decisions();
  }

  freeOn(target: number, request: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.freeOn, target, request);
    this.#router.freeOn(target, request, nowNs);
    this.#facts.decisions();
  }

  /** That nobody has ended is no fact. */
  freeAll(requests: Int32Array, count: number, nowNs: Ns): void {
    if (count > 0) {
      this.#facts.at(nowNs);
      this.#facts.list(FACT.freeAll, requests, count);
    }
    this.#router.freeAll(requests, count, nowNs);
    if (count > 0) this.#facts.decisions();
  }

  stored(target: number, node: number, blocks: number): void {
    this.#notes.node(node);
    this.#facts.fact(FACT.stored, target, node, blocks);
    this.#router.stored(target, node, blocks);
    this.#facts.decisions();
  }

  removed(target: number, node: number, keep: number): void {
    this.#notes.node(node);
    this.#facts.fact(FACT.removed, target, node, keep);
    this.#router.removed(target, node, keep);
    this.#facts.decisions();
  }

  cleared(target: number): void {
    this.#facts.fact(FACT.cleared, target);
    this.#router.cleared(target);
    this.#facts.decisions();
  }

  tierStored(tier: number, target: number, node: number, from: number, to: number): void {
    this.#notes.node(node);
    this.#facts.fact(FACT.tierStored, tier, target, node, from, to);
    this.#router.tierStored(tier, target, node, from, to);
  }

  tierRemoved(tier: number, target: number, node: number, from: number, to: number): void {
    this.#notes.node(node);
    this.#facts.fact(FACT.tierRemoved, tier, target, node, from, to);
    this.#router.tierRemoved(tier, target, node, from, to);
  }

  tierCleared(tier: number, target: number): void {
    this.#facts.fact(FACT.tierCleared, tier, target);
    this.#router.tierCleared(tier, target);
  }

  freeNode(node: number): void {
    this.#notes.node(node);
    this.#facts.fact(FACT.freeNode, node);
    this.#router.freeNode(node);
    this.#facts.decisions();
  }

  addTarget(target: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.addTarget, target);
    this.#router.addTarget(target, nowNs);
    this.#facts.decisions();
  }

  removeTarget(target: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.removeTarget, target);
    this.#router.removeTarget(target, nowNs);
    this.#facts.decisions();
  }

  tick(nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.tick);
    this.#router.tick(nowNs);
    this.#facts.decisions();
  }

  roomReserved(request: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.roomReserved, request);
    this.#router.roomReserved(request, nowNs);
  }

  remotelyPrefilled(request: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.remotelyPrefilled, request);
    this.#router.remotelyPrefilled(request, nowNs);
  }

  handedOver(request: number, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.handedOver, request);
    this.#router.handedOver(request, nowNs);
  }

  describeTarget(target: number, attributes: TargetAttributes, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.object(FACT.describeTarget, [target], attributes);
    this.#router.describeTarget(target, attributes, nowNs);
    this.#facts.decisions();
  }

  setAvailable(target: number, available: boolean, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.setAvailable, target, available ? 1 : 0);
    this.#router.setAvailable(target, available, nowNs);
    this.#facts.decisions();
  }

  defineTerms(id: number, terms: RouteTerms): void {
    this.#facts.object(FACT.defineTerms, [id], terms);
    this.#router.defineTerms(id, terms);
  }

  loadReported(
    target: number,
    prefillTokens: number,
    decodeBlocks: number,
    usedBlocks: number,
    nowNs: Ns,
  ): void {
    this.#facts.at(nowNs);
    this.#facts.fact(FACT.loadReported, target, prefillTokens, decodeBlocks, usedBlocks);
    this.#router.loadReported(target, prefillTokens, decodeBlocks, usedBlocks, nowNs);
    this.#facts.decisions();
  }

  setBusyThresholds(thresholds: BusyThresholds, nowNs: Ns): void {
    this.#facts.at(nowNs);
    this.#facts.object(FACT.setBusyThresholds, [], thresholds);
    this.#router.setBusyThresholds(thresholds, nowNs);
    this.#facts.decisions();
  }
}
