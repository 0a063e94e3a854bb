import { canonicalJson } from '#core/base/canonical-json.ts';
import type { Ns } from '#core/base/time.ts';
import type { DecisionLog } from '#core/router/decisions.ts';
import type { BusyThresholds } from '#core/router/eligibility/overload/thresholds.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouterFacts, RoutingMachine } from '#core/router/facts.ts';
import type { PrefillOutlook, RouteQuery } from '#core/router/query.ts';
import type { QueueRejection } from '#core/router/queue/classes/queue-limits.ts';
import type { OutsideBooking } from '#core/router/replicas/outside-booking.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import { DecisionDigest, toldColumns } from './decision-digest.ts';
import {
  BOOKING_COLUMNS,
  DECISION_COLUMNS,
  FACTS,
  NEUTRAL_QUERY,
  NOTE_TAGS,
  QUERY_COLUMNS,
} from './fact-table.ts';
import { trailerLine } from './header-lines.ts';
import type { LineWriter } from './line-writer.ts';
import { NoteWriter, type RecordedForest, type RequestNote } from './note-writer.ts';

/** What the recorder needs of a kind of fact. */
interface RecordedFact {
  readonly tag: number;
  /** Numbers of its line. */
  readonly numbers: number;
}

const FACT = Object.fromEntries(
  FACTS.map(({ name, tag, columns }): [string, RecordedFact] => [
    name,
    { tag: tag.charCodeAt(0), numbers: columns.length },
  ]),
) as Readonly<Record<keyof RouterFacts, RecordedFact>>;

const TIME = NOTE_TAGS.time.charCodeAt(0);
const DECISION = NOTE_TAGS.decision.charCodeAt(0);

/**
 * A router that writes down every fact before it passes it on, and after it the decisions that it
 * led to.
 */
export class RecordingRouter implements RoutingMachine {
  readonly decisions: DecisionLog;
  readonly #router: RoutingMachine;
  readonly #writer: LineWriter;
  readonly #notes: NoteWriter;
  readonly #digest = new DecisionDigest();
  #nowNs: Ns = 0;
  #before = 0;
  #facts = 0;

  /** @param describe fills in what is known of a request that arrives. */
  constructor(
    router: RoutingMachine,
    forest: RecordedForest,
    writer: LineWriter,
    describe: (request: number, out: RequestNote) => void,
  ) {
    this.#router = router;
    this.decisions = router.decisions;
    this.#writer = writer;
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
    const { count, text } = this.#digest;
    this.#writer.line(trailerLine({ facts: this.#facts, decisions: count, digest: text }));
    this.#writer.flush();
  }

  arrive(query: RouteQuery, nowNs: Ns): void {
    this.#at(nowNs);
    this.#notes.request(query.request);
    this.#notes.node(query.leaf);
    let columns = QUERY_COLUMNS.length;
    while (columns > 1 && query[QUERY_COLUMNS[columns - 1]!.name] === NEUTRAL_QUERY[columns - 1]) {
      columns--;
    }
    const writer = this.#open(FACT.arrive);
    for (let column = 0; column < columns; column++) {
      writer.number(query[QUERY_COLUMNS[column]!.name]);
    }
    writer.close();
    this.#router.arrive(query, nowNs);
    this.#recordDecisions();
  }

  bookedElsewhere(booking: Readonly<OutsideBooking>, nowNs: Ns): void {
    this.#at(nowNs);
    this.#notes.node(booking.leaf);
    const writer = this.#open(FACT.bookedElsewhere);
    for (const { name } of BOOKING_COLUMNS) writer.int(booking[name]);
    writer.close();
    this.#router.bookedElsewhere(booking, nowNs);
    this.#recordDecisions();
  }

  prefillCompleted(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.prefillCompleted, request);
    this.#router.prefillCompleted(request, nowNs);
    this.#recordDecisions();
  }

  free(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.free, request);
    this.#router.free(request, nowNs);
    this.#recordDecisions();
  }

  outputProgress(request: number, generatedTokens: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.outputProgress, request, generatedTokens);
    this.#router.outputProgress(request, generatedTokens, nowNs);
    this.#recordDecisions();
  }

  freeOn(target: number, request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.freeOn, target, request);
    this.#router.freeOn(target, request, nowNs);
    this.#recordDecisions();
  }

  /** That nobody has ended is no fact. */
  freeAll(requests: Int32Array, count: number, nowNs: Ns): void {
    if (count > 0) {
      this.#at(nowNs);
      const writer = this.#open(FACT.freeAll);
      for (let index = 0; index < count; index++) writer.int(requests[index]!);
      writer.close();
    }
    this.#router.freeAll(requests, count, nowNs);
    if (count > 0) this.#recordDecisions();
  }

  stored(target: number, node: number, blocks: number): void {
    this.#notes.node(node);
    this.#record(FACT.stored, target, node, blocks);
    this.#router.stored(target, node, blocks);
    this.#recordDecisions();
  }

  removed(target: number, node: number, keep: number): void {
    this.#notes.node(node);
    this.#record(FACT.removed, target, node, keep);
    this.#router.removed(target, node, keep);
    this.#recordDecisions();
  }

  cleared(target: number): void {
    this.#record(FACT.cleared, target);
    this.#router.cleared(target);
    this.#recordDecisions();
  }

  tierStored(tier: number, target: number, node: number, from: number, to: number): void {
    this.#notes.node(node);
    this.#record(FACT.tierStored, tier, target, node, from, to);
    this.#router.tierStored(tier, target, node, from, to);
  }

  tierRemoved(tier: number, target: number, node: number, from: number, to: number): void {
    this.#notes.node(node);
    this.#record(FACT.tierRemoved, tier, target, node, from, to);
    this.#router.tierRemoved(tier, target, node, from, to);
  }

  tierCleared(tier: number, target: number): void {
    this.#record(FACT.tierCleared, tier, target);
    this.#router.tierCleared(tier, target);
  }

  freeNode(node: number): void {
    this.#notes.node(node);
    this.#record(FACT.freeNode, node);
    this.#router.freeNode(node);
    this.#recordDecisions();
  }

  addTarget(target: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.addTarget, target);
    this.#router.addTarget(target, nowNs);
    this.#recordDecisions();
  }

  removeTarget(target: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.removeTarget, target);
    this.#router.removeTarget(target, nowNs);
    this.#recordDecisions();
  }

  tick(nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.tick);
    this.#router.tick(nowNs);
    this.#recordDecisions();
  }

  roomReserved(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.roomReserved, request);
    this.#router.roomReserved(request, nowNs);
  }

  remotelyPrefilled(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.remotelyPrefilled, request);
    this.#router.remotelyPrefilled(request, nowNs);
  }

  handedOver(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.handedOver, request);
    this.#router.handedOver(request, nowNs);
  }

  describeTarget(target: number, attributes: TargetAttributes, nowNs: Ns): void {
    this.#at(nowNs);
    this.#recordObject(FACT.describeTarget, [target], attributes);
    this.#router.describeTarget(target, attributes, nowNs);
    this.#recordDecisions();
  }

  setAvailable(target: number, available: boolean, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record(FACT.setAvailable, target, available ? 1 : 0);
    this.#router.setAvailable(target, available, nowNs);
    this.#recordDecisions();
  }

  defineTerms(id: number, terms: RouteTerms): void {
    this.#recordObject(FACT.defineTerms, [id], terms);
    this.#router.defineTerms(id, terms);
  }

  loadReported(
    target: number,
    prefillTokens: number,
    decodeBlocks: number,
    usedBlocks: number,
    nowNs: Ns,
  ): void {
    this.#at(nowNs);
    this.#record(FACT.loadReported, target, prefillTokens, decodeBlocks, usedBlocks);
    this.#router.loadReported(target, prefillTokens, decodeBlocks, usedBlocks, nowNs);
    this.#recordDecisions();
  }

  setBusyThresholds(thresholds: BusyThresholds, nowNs: Ns): void {
    this.#at(nowNs);
    this.#recordObject(FACT.setBusyThresholds, [], thresholds);
    this.#router.setBusyThresholds(thresholds, nowNs);
    this.#recordDecisions();
  }

  /** Writes a fact with its first so many numbers. */
  #record(fact: RecordedFact, a = 0, b = 0, c = 0, d = 0, e = 0): void {
    const { numbers } = fact;
    const writer = this.#open(fact);
    if (numbers > 0) writer.int(a);
    if (numbers > 1) writer.int(b);
    if (numbers > 2) writer.int(c);
    if (numbers > 3) writer.int(d);
    if (numbers > 4) writer.int(e);
    writer.close();
  }

  #recordObject(fact: RecordedFact, numbers: readonly number[], object: object): void {
    this.#facts++;
    this.#before = this.decisions.count;
    this.#writer.line(canonicalJson([String.fromCharCode(fact.tag), ...numbers, object]));
  }

  #open(fact: RecordedFact): LineWriter {
    this.#facts++;
    this.#before = this.decisions.count;
    this.#writer.open(fact.tag);
    return this.#writer;
  }

  /** The time of the facts that follow. */
  #at(nowNs: Ns): void {
    if (nowNs === this.#nowNs) return;
    this.#writer.open(TIME);
    this.#writer.int(nowNs - this.#nowNs);
    this.#writer.close();
    this.#nowNs = nowNs;
  }

  #recordDecisions(): void {
    const log = this.decisions;
    if (log.count === this.#before) return;
    const writer = this.#writer;
    for (let row = this.#before; row < log.count; row++) {
      writer.open(DECISION);
      const columns = toldColumns(log, row);
      for (let column = 0; column < columns; column++) {
        writer.number(log[DECISION_COLUMNS[column]!.name][row]!);
      }
      writer.close();
      this.#digest.add(log, row);
    }
  }
}
