import { canonicalJson } from '#core/base/canonical-json.ts';
import { growColumn } from '#core/base/columns.ts';
import type { Ns } from '#core/base/time.ts';
import type { DecisionLog } from '#core/router/decisions.ts';
import type { BusyThresholds } from '#core/router/eligibility/overload/thresholds.ts';
import type { TargetAttributes } from '#core/router/eligibility/target-attributes.ts';
import type { RouterFacts, RoutingMachine } from '#core/router/facts.ts';
import type { RouteQuery } from '#core/router/query.ts';
import type { QueueRejection } from '#core/router/queue/classes/queue-limits.ts';
import type { RouteTerms } from '#core/router/route-terms.ts';
import type { BlockForest } from '#core/tokens/block-forest.ts';
import { DecisionDigest } from './decision-digest.ts';
import { DECISION_COLUMNS, FACTS, NEUTRAL_QUERY, NOTE_TAGS, QUERY_COLUMNS } from './fact-table.ts';
import { trailerLine } from './header.ts';
import type { LineWriter } from './line-writer.ts';

/** A forest whose nodes can be told apart when an id is used again. */
export interface RecordedForest extends BlockForest {
  /** node → a number that no other node of this forest has had, ever, from 1. */
  readonly serial: Float64Array;
  /** Blocks that one content id stands for. */
  readonly unitBlocks: number;
  /** Ids of the units that a node touches: contentIds[at … at + units), at −1 = unknown. */
  readonly contentIds: Uint32Array;
  contentAt(node: number): number;
  contentUnits(node: number): number;
}

/** What a request asked for that its router is not told, for whoever makes a trace of a journal. */
export interface RequestNote {
  /** Line of the trace, 1-based; 0 = none. */
  line: number;
  /** Output tokens asked for, −1 = unknown. */
  outputTokens: number;
  /** Its session, any number from 0, −1 = none; the session's name. */
  session: number;
  sessionName: string;
  /** Nanoseconds from the end of the session's turn before, −1 = it did not wait for one. */
  thinkNs: number;
}

const TAG = Object.fromEntries(FACTS.map(({ name, tag }) => [name, tag.charCodeAt(0)])) as Readonly<
  Record<keyof RouterFacts, number>
>;

const NOTE = {
  time: NOTE_TAGS.time.charCodeAt(0),
  node: NOTE_TAGS.node.charCodeAt(0),
  request: NOTE_TAGS.request.charCodeAt(0),
  decision: NOTE_TAGS.decision.charCodeAt(0),
};

/**
 * A router that writes down every fact before it passes it on, and after it the decisions that it
 * led to. Nodes of the forest are written when they are first spoken of.
 *
 *     #written[node]            serial of the node that was written last under this id, 0 = none
 *     #sessionNumber[session]   its number in the journal + 1, 0 = it has none yet
 */
export class RecordingRouter implements RoutingMachine {
  readonly decisions: DecisionLog;
  readonly #router: RoutingMachine;
  readonly #forest: RecordedForest;
  readonly #writer: LineWriter;
  readonly #describe: (request: number, out: RequestNote) => void;
  readonly #note: RequestNote = {
    line: 0,
    outputTokens: -1,
    session: -1,
    sessionName: '',
    thinkNs: -1,
  };
  readonly #digest = new DecisionDigest();
  #sessions = 0;
  #sessionNumber = new Int32Array(64);
  #written = new Float64Array(1024);
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
    this.#forest = forest;
    this.#writer = writer;
    this.#describe = describe;
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

  /** Writes the last line, which says that the journal is whole, and hands everything over. */
  finish(): void {
    const { count, text } = this.#digest;
    this.#writer.line(trailerLine({ facts: this.#facts, decisions: count, digest: text }));
    this.#writer.flush();
  }

  arrive(query: RouteQuery, nowNs: Ns): void {
    this.#at(nowNs);
    this.#describeRequest(query.request);
    this.#define(query.leaf);
    let columns = QUERY_COLUMNS.length;
    while (columns > 1 && query[QUERY_COLUMNS[columns - 1]!.name] === NEUTRAL_QUERY[columns - 1]) {
      columns--;
    }
    const writer = this.#open('arrive');
    for (let column = 0; column < columns; column++) {
      writer.number(query[QUERY_COLUMNS[column]!.name]);
    }
    writer.close();
    this.#router.arrive(query, nowNs);
    this.#recordDecisions();
  }

  prefillCompleted(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record('prefillCompleted', request);
    this.#router.prefillCompleted(request, nowNs);
    this.#recordDecisions();
  }

  free(request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record('free', request);
    this.#router.free(request, nowNs);
    this.#recordDecisions();
  }

  outputProgress(request: number, generatedTokens: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#recordPair('outputProgress', request, generatedTokens);
    this.#router.outputProgress(request, generatedTokens, nowNs);
    this.#recordDecisions();
  }

  freeOn(target: number, request: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#recordPair('freeOn', target, request);
    this.#router.freeOn(target, request, nowNs);
    this.#recordDecisions();
  }

  /** That nobody has ended is no fact. */
  freeAll(requests: Int32Array, count: number, nowNs: Ns): void {
    if (count > 0) {
      this.#at(nowNs);
      const writer = this.#open('freeAll');
      for (let index = 0; index < count; index++) writer.int(requests[index]!);
      writer.close();
    }
    this.#router.freeAll(requests, count, nowNs);
    if (count > 0) this.#recordDecisions();
  }

  stored(target: number, node: number, blocks: number): void {
    this.#define(node);
    this.#recordEvent('stored', target, node, blocks);
    this.#router.stored(target, node, blocks);
    this.#recordDecisions();
  }

  removed(target: number, node: number, keep: number): void {
    this.#define(node);
    this.#recordEvent('removed', target, node, keep);
    this.#router.removed(target, node, keep);
    this.#recordDecisions();
  }

  cleared(target: number): void {
    this.#record('cleared', target);
    this.#router.cleared(target);
    this.#recordDecisions();
  }

  tierStored(tier: number, target: number, node: number, from: number, to: number): void {
    this.#define(node);
    this.#recordTierEvent('tierStored', tier, target, node, from, to);
    this.#router.tierStored(tier, target, node, from, to);
  }

  tierRemoved(tier: number, target: number, node: number, from: number, to: number): void {
    this.#define(node);
    this.#recordTierEvent('tierRemoved', tier, target, node, from, to);
    this.#router.tierRemoved(tier, target, node, from, to);
  }

  tierCleared(tier: number, target: number): void {
    const writer = this.#open('tierCleared');
    writer.int(tier);
    writer.int(target);
    writer.close();
    this.#router.tierCleared(tier, target);
  }

  freeNode(node: number): void {
    this.#define(node);
    this.#record('freeNode', node);
    this.#router.freeNode(node);
    this.#recordDecisions();
  }

  addTarget(target: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record('addTarget', target);
    this.#router.addTarget(target, nowNs);
    this.#recordDecisions();
  }

  removeTarget(target: number, nowNs: Ns): void {
    this.#at(nowNs);
    this.#record('removeTarget', target);
    this.#router.removeTarget(target, nowNs);
    this.#recordDecisions();
  }

  tick(nowNs: Ns): void {
    this.#at(nowNs);
    this.#open('tick').close();
    this.#router.tick(nowNs);
    this.#recordDecisions();
  }

  describeTarget(target: number, attributes: TargetAttributes, nowNs: Ns): void {
    this.#at(nowNs);
    this.#recordObject('describeTarget', [target], attributes);
    this.#router.describeTarget(target, attributes, nowNs);
    this.#recordDecisions();
  }

  setAvailable(target: number, available: boolean, nowNs: Ns): void {
    this.#at(nowNs);
    const writer = this.#open('setAvailable');
    writer.int(target);
    writer.int(available ? 1 : 0);
    writer.close();
    this.#router.setAvailable(target, available, nowNs);
    this.#recordDecisions();
  }

  defineTerms(id: number, terms: RouteTerms): void {
    this.#recordObject('defineTerms', [id], terms);
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
    const writer = this.#open('loadReported');
    writer.int(target);
    writer.int(prefillTokens);
    writer.int(decodeBlocks);
    writer.int(usedBlocks);
    writer.close();
    this.#router.loadReported(target, prefillTokens, decodeBlocks, usedBlocks, nowNs);
    this.#recordDecisions();
  }

  setBusyThresholds(thresholds: BusyThresholds, nowNs: Ns): void {
    this.#at(nowNs);
    this.#recordObject('setBusyThresholds', [], thresholds);
    this.#router.setBusyThresholds(thresholds, nowNs);
    this.#recordDecisions();
  }

  #recordTierEvent(
    fact: 'tierStored' | 'tierRemoved',
    tier: number,
    target: number,
    node: number,
    from: number,
    to: number,
  ): void {
    const writer = this.#open(fact);
    writer.int(tier);
    writer.int(target);
    writer.int(node);
    writer.int(from);
    writer.int(to);
    writer.close();
  }

  #recordObject(fact: keyof RouterFacts, numbers: readonly number[], object: object): void {
    this.#facts++;
    this.#before = this.decisions.count;
    this.#writer.line(`${canonicalJson([String.fromCharCode(TAG[fact]), ...numbers, object])}`);
  }

  #open(fact: keyof RouterFacts): LineWriter {
    this.#facts++;
    this.#before = this.decisions.count;
    this.#writer.open(TAG[fact]);
    return this.#writer;
  }

  #record(fact: keyof RouterFacts, value: number): void {
    const writer = this.#open(fact);
    writer.int(value);
    writer.close();
  }

  #recordPair(fact: 'outputProgress' | 'freeOn', first: number, second: number): void {
    const writer = this.#open(fact);
    writer.int(first);
    writer.int(second);
    writer.close();
  }

  #recordEvent(fact: 'stored' | 'removed', target: number, node: number, blocks: number): void {
    const writer = this.#open(fact);
    writer.int(target);
    writer.int(node);
    writer.int(blocks);
    writer.close();
  }

  /** The time of the facts that follow. */
  #at(nowNs: Ns): void {
    if (nowNs === this.#nowNs) return;
    this.#writer.open(NOTE.time);
    this.#writer.int(nowNs - this.#nowNs);
    this.#writer.close();
    this.#nowNs = nowNs;
  }

  #describeRequest(request: number): void {
    const note = this.#note;
    this.#describe(request, note);
    const writer = this.#writer;
    const session = note.session < 0 ? -1 : this.#numberOf(note.session, note.sessionName);
    writer.open(NOTE.request);
    writer.int(request);
    writer.int(note.line);
    writer.int(note.outputTokens);
    if (session >= 0) {
      writer.int(session);
      writer.int(note.thinkNs);
    }
    writer.close();
  }

  /** The journal's number of a session: in the order in which they come, each named once. */
  #numberOf(session: number, name: string): number {
    this.#sessionNumber = growColumn(this.#sessionNumber, session + 1);
    if (this.#sessionNumber[session] === 0) {
      this.#writer.line(JSON.stringify([NOTE_TAGS.session, this.#sessions, name]));
      this.#sessionNumber[session] = ++this.#sessions;
    }
    return this.#sessionNumber[session]! - 1;
  }

  /** Writes a node that has not been written yet, and those above it first. */
  #define(node: number): void {
    if (node < 0 || this.#forest.serial[node] === this.#written[node]) return;
    const { parent, attach, length, serial } = this.#forest;
    this.#define(parent[node]!);
    if (node >= this.#written.length) this.#written = growColumn(this.#written, node + 1);
    this.#written[node] = serial[node]!;
    const writer = this.#writer;
    writer.open(NOTE.node);
    writer.int(node);
    writer.int(parent[node]!);
    writer.int(attach[node]!);
    writer.int(length[node]!);
    this.#writeContent(node);
    writer.close();
  }

  /** Ids one by one; −n behind an id stands for n more that follow it by one each. */
  #writeContent(node: number): void {
    const from = this.#forest.contentAt(node);
    if (from < 0) return;
    const ids = this.#forest.contentIds;
    const end = from + this.#forest.contentUnits(node);
    const writer = this.#writer;
    for (let at = from; at < end; at++) {
      const start = at;
      while (at + 1 < end && ids[at + 1] === ids[at]! + 1) at++;
      writer.int(ids[start]!);
      if (at > start) writer.int(start - at);
    }
  }

  #recordDecisions(): void {
    const log = this.decisions;
    if (log.count === this.#before) return;
    const writer = this.#writer;
    for (let row = this.#before; row < log.count; row++) {
      writer.open(NOTE.decision);
      for (let column = 0; column < DECISION_COLUMNS.length; column++) {
        writer.number(log[DECISION_COLUMNS[column]!.name][row]!);
      }
      writer.close();
      this.#digest.add(log, row);
    }
  }
}
